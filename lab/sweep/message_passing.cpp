#include "lab/sweep/message_passing.hpp"

#include "message_passing/module.hpp"
#include "models/errors.hpp"

#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <fmt/format.h>

namespace switchyard::lab {

namespace fs = std::filesystem;

namespace {

constexpr const char* const module_name = "switchyard-mpi.so";

class MessagesOfModule : public MessagePassing {
public:
    explicit MessagesOfModule(const SwitchyardMessagePassing& module) : module_(module) {}
    MessagesOfModule(const MessagesOfModule&) = delete;
    MessagesOfModule& operator=(const MessagesOfModule&) = delete;
    ~MessagesOfModule() override {
        if (!abandoned_) module_.finish();
    }

    [[nodiscard]] int rank() const override { return module_.rank; }
    [[nodiscard]] int ranks() const override { return module_.ranks; }
    void send(int to, const std::string& bytes) override { module_.send(to, bytes.data(), bytes.size()); }
    [[nodiscard]] std::optional<Message> receive() override {
        Message message;
        const long size = module_.probe(&message.from);
        if (size < 0) return {};
        message.bytes.resize(static_cast<std::size_t>(size));
        module_.receive(message.from, message.bytes.data(), message.bytes.size());
        return message;
    }
    void abandon() override { abandoned_ = true; }

private:
    const SwitchyardMessagePassing& module_;
    bool abandoned_ = false;
};

} // namespace

bool is_started_as_rank() {
    return std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr ||
           (std::getenv("PMI_RANK") != nullptr && std::getenv("PMI_SIZE") != nullptr);
}

std::unique_ptr<MessagePassing> join_ranks() {
    std::error_code ignored;
    const fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
    for (const fs::path& path : {folder / module_name, folder / ".." / "lib" / "switchyard" / module_name}) {
        if (!fs::exists(path, ignored)) continue;
        // Global: Open MPI's own modules look for its names.
        void* const module = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
        if (module == nullptr) throw SystemError(fmt::format("loading {}: {}", path.string(), dlerror()));
        const auto join = reinterpret_cast<SwitchyardJoin>(dlsym(module, switchyard_join_name));
        const SwitchyardMessagePassing* const messages = join != nullptr ? join() : nullptr;
        if (messages == nullptr || messages->version != switchyard_message_passing_version)
            throw SystemError(fmt::format("{} does not go with this switchyard, or MPI does not start", path.string()));
        return std::make_unique<MessagesOfModule>(*messages);
    }
    throw SystemError(fmt::format("started under mpirun, but there is no {} in {} or in ../lib/switchyard: build "
                                  "switchyard where MPI is installed (libopenmpi-dev), or use --shard",
                                  module_name, folder.string()));
}

} // namespace switchyard::lab
