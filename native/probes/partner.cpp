#include "native/probes/partner.hpp"

#include "models/errors.hpp"
#include "native/measurement/child.hpp"

#include <cerrno>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::native {

void* map_shared(std::size_t size) {
    void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw SystemError::from_errno("mapping shared memory", errno);
    return memory;
}

void unmap_shared(void* memory, std::size_t size) { munmap(memory, size); }

Partner::Partner(PartnerKind kind, const std::function<void()>& body) {
    const sched_param none{};
    if (sched_setscheduler(0, SCHED_BATCH, &none) != 0)
        throw SystemError::from_errno("having partners take turns (SCHED_BATCH)", errno);
    if (kind == PartnerKind::thread) {
        thread_ = std::thread(body);
        return;
    }
    const pid_t parent = getpid();
    process_ = fork();
    if (process_ < 0) throw SystemError::from_errno("starting a partner process", errno);
    if (process_ == 0) {
        die_with_parent(parent);
        body();
        _exit(0);
    }
}

Partner::~Partner() {
    if (thread_.joinable()) thread_.join();
    if (process_ > 0) waitpid(process_, nullptr, 0);
}

} // namespace switchyard::native
