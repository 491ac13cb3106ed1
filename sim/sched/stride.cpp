// Stride scheduling: lottery's shares without its chance. Waldspurger and Weihl 1995, "Stride Scheduling: Deterministic
// Proportional-Share Resource Management", MIT/LCS/TM-528.
//
// A task's stride is the inverse of its tickets; its pass moves on by its stride for every quantum it runs, and by a
// part of it for a part of a quantum. Who has the smallest pass goes first, of equals who was created first. The global
// pass is where a task would be that had all tickets: one that waits keeps its distance to it (`remain`) for when it
// comes back, so that it can neither save up time nor lose what it paid for.
#include "models/units/text.hpp"
#include "models/units/wide_integer.hpp"
#include "sim/sched/policies.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <vector>

namespace switchyard::sim {

namespace {
constexpr std::int64_t stride_of_one_ticket = std::int64_t{1} << 20; // the paper's stride1

class Stride final : public Policy {
public:
    explicit Stride(Duration quantum) : quantum_(quantum) {}
    std::string description() const override { return fmt::format("stride, quantum {}", exact_text(quantum_)); }
    void init(PolicyHost& host) override { queue_ = host.create_queue({.order = QueueOrder::by_rank}); }

    void init_task(PolicyHost& host, TaskId task) override {
        if (task >= clients_.size()) clients_.resize(task + std::size_t{1});
        const std::int64_t tickets = host.task(task).scheduling->tickets;
        clients_[task] = {.tickets = tickets, .remain = stride_of(tickets)};
    }
    void enqueue(PolicyHost& host, TaskId task, Enqueue) override {
        join(host, clients_[task]);
        host.insert(queue_, task, quantum_, {.key = clients_[task].pass, .then = task});
    }
    void running(PolicyHost& host, TaskId task, CoreId) override {
        move_global_pass(host);
        ++running_;
        clients_[task].since = host.now();
    }
    void stopping(PolicyHost& host, TaskId task, CoreId, bool) override {
        move_global_pass(host);
        --running_;
        Client& client = clients_[task];
        client.pass += part(stride_of(client.tickets), host.now() - client.since, quantum_.count());
    }
    void quiescent(PolicyHost& host, TaskId task) override { leave(host, clients_[task]); }
    void attributes_changed(PolicyHost& host, TaskId task) override {
        Client& client = clients_[task];
        const std::int64_t tickets = host.task(task).scheduling->tickets;
        const bool takes_part = client.takes_part;
        leave(host, client);
        client.remain = static_cast<std::int64_t>(WideInteger{client.remain} * client.tickets / tickets);
        client.tickets = tickets;
        if (takes_part) join(host, client);
    }

private:
    struct Client {
        std::int64_t tickets = 1;
        std::int64_t pass = 0;
        std::int64_t remain = 0; // to the global pass, while it does not take part
        bool takes_part = false;
        Time since{}; // it runs
    };
    static std::int64_t stride_of(std::int64_t tickets) {
        return std::max<std::int64_t>(stride_of_one_ticket / tickets, 1);
    }
    // amount x time / whole
    static std::int64_t part(std::int64_t amount, Duration time, WideInteger whole) {
        return static_cast<std::int64_t>(WideInteger{amount} * time.count() / whole);
    }
    void join(PolicyHost& host, Client& client) {
        if (client.takes_part) return;
        move_global_pass(host);
        client.takes_part = true;
        client.pass = global_pass_ + client.remain;
        tickets_ += client.tickets;
    }
    void leave(PolicyHost& host, Client& client) {
        if (!client.takes_part) return;
        move_global_pass(host);
        client.takes_part = false;
        client.remain = client.pass - global_pass_;
        tickets_ -= client.tickets;
    }
    void move_global_pass(PolicyHost& host) {
        const Duration passed = host.now() - global_since_;
        global_since_ = host.now();
        if (running_ > 0 && tickets_ > 0)
            global_pass_ += part(stride_of_one_ticket * running_, passed, WideInteger{quantum_.count()} * tickets_);
    }

    Duration quantum_;
    QueueId queue_ = no_queue;
    std::vector<Client> clients_; // by task
    std::int64_t global_pass_ = 0;
    Time global_since_{};      // when it was moved last
    std::int64_t tickets_ = 0; // of all that take part: ready or running
    std::int64_t running_ = 0;
};

constexpr std::array stride_parameters{
    ParameterDescription{"quantum", ParameterType::time, "100ms", "how long a task runs before it is decided anew"}};
} // namespace

const SchedulerDescription stride_policy{
    .name = "stride",
    .about = "shares in proportion to `tickets`, never a quantum off",
    .source = "Waldspurger, Weihl 1995: Stride Scheduling: Deterministic Proportional-Share Resource Management",
    .parameters = stride_parameters,
    .make_policy = [](const Parameters& given) -> std::unique_ptr<Policy> {
        return std::make_unique<Stride>(given.positive_time("quantum"));
    },
};

} // namespace switchyard::sim
