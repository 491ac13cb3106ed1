// An epoll(7) instance, and the tasks that wait for descriptors in it.
#pragma once

#include "native/runner/task_queue.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <sys/epoll.h>
#include <vector>

namespace switchyard::native {

class Descriptors {
public:
    static constexpr std::int64_t for_ever = -1;
    static constexpr std::uint64_t own = std::uint64_t{1} << 32; // from here on: what `add` says
    static constexpr int most_events = 64;
    using Events = std::array<epoll_event, most_events>;

    // Throws SystemError where the kernel has no descriptors left.
    explicit Descriptors(const Run& run);
    ~Descriptors();
    Descriptors(const Descriptors&) = delete;
    Descriptors& operator=(const Descriptors&) = delete;

    // Tells epoll of a descriptor that no task waits for; its events come as `what`.
    void add(int descriptor, std::uint64_t what, std::uint32_t events);

    // The task is ready once its `awaited_descriptor` is ready for its `awaited_events` (EPOLLIN, EPOLLOUT) or has an
    // error or a hang-up: it tries then, and waits again if somebody else was faster. Of several that wait for one
    // descriptor the first is woken. Some are ready at once.
    void watch(Task& task, TaskQueue& ready);

    // Sleeps until there is an event, or until that instant (CLOCK_MONOTONIC, ns; 0: not at all). May be called by
    // several threads at a time.
    [[nodiscard]] std::span<const epoll_event> wait(Events& events, std::int64_t until) const;

    // What has become of an event of a descriptor that tasks wait for.
    void take(const epoll_event& event, TaskQueue& ready);

    [[nodiscard]] bool has_waiting() const { return waiting_ > 0; }

private:
    struct Watched {
        bool is_known = false; // to epoll
        Task* first = nullptr; // who waits, in order of arrival
    };

    void arm(int descriptor, TaskQueue& ready);
    void on_descriptor(int descriptor, std::uint32_t events, TaskQueue& ready);

    const Run& run_;
    int epoll_ = -1;
    std::vector<Watched> watched_; // by descriptor
    std::uint64_t waiting_ = 0;
};

} // namespace switchyard::native
