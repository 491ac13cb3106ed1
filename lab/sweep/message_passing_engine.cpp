#include "lab/sweep/engine.hpp"
#include "lab/sweep/packing.hpp"
#include "models/errors.hpp"

#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <thread>

namespace switchyard::lab {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

// What a message is: its first byte.
enum class Kind : char {
    prepared,  // to rank 0: what is wrong, what it came to
    go,        // from rank 0: everybody may begin, or not
    next,      // to rank 0: more work, please
    units,     // from rank 0: here it is
    over,      // from rank 0: there is none any more
    look_up,   // to rank 0: are these points there?
    known,     // from rank 0: so much is known
    work_done, // to rank 0
    left,      // to rank 0: told to stop by somebody else, this rank goes
};

// Every so often a rank that waits looks whether something has come: short beside what a worker is given at once, long
// enough to leave the processor to who computes.
constexpr auto patience = 100us;

// So long rank 0 waits for the others to end once a stop is requested: mpirun kills whom it told to end after a second.
constexpr auto patience_with_ranks = 600ms;

constexpr std::size_t points_of_message = 256;

std::string pack(const WorkDone& done) {
    Packer packer;
    packer.add(Kind::work_done).add(done.units).add(done.finished).add(done.there).add(done.seconds);
    packer.add(done.rows.size());
    for (const PointRow& row : done.rows) {
        packer.add(row.identity).add(row.replication).add(row.seed).add(row.status).add(row.reason);
        packer.add(row.parameters.size());
        for (const ParameterValue& value : row.parameters) {
            packer.add(value.index());
            if (const auto* const word = std::get_if<std::string>(&value))
                packer.add(*word);
            else
                packer.add(std::get<double>(value));
        }
        packer.add(row.values.size());
        for (const double value : row.values) packer.add(value);
    }
    return packer.bytes();
}

WorkDone unpack_work(Unpacker& unpacker) {
    WorkDone done;
    done.units = unpacker.get<UnitRange>();
    done.finished = unpacker.get<std::uint64_t>();
    done.there = unpacker.get<std::uint64_t>();
    done.seconds = unpacker.get<double>();
    for (auto rows = unpacker.get<std::size_t>(); rows > 0; --rows) {
        PointRow row;
        row.identity = unpacker.get<PointIdentity>();
        row.replication = unpacker.get<std::uint32_t>();
        row.seed = unpacker.get<std::uint64_t>();
        row.status = unpacker.get<PointStatus>();
        row.reason = unpacker.text();
        for (auto count = unpacker.get<std::size_t>(); count > 0; --count) {
            if (unpacker.get<std::size_t>() == 1)
                row.parameters.emplace_back(unpacker.text());
            else
                row.parameters.emplace_back(unpacker.get<double>());
        }
        for (auto count = unpacker.get<std::size_t>(); count > 0; --count) row.values.push_back(unpacker.get<double>());
        done.rows.push_back(std::move(row));
    }
    return done;
}

// Rank 0's coordinator, as another rank sees it.
class RemoteSource : public WorkSource {
public:
    explicit RemoteSource(MessagePassing& messages) : messages_(messages) {}

    [[nodiscard]] std::optional<UnitRange> next() override {
        messages_.send(0, Packer().add(Kind::next).bytes());
        const Message message = wait_for_message(messages_);
        Unpacker unpacker(message.bytes);
        if (unpacker.get<Kind>() != Kind::units) {
            told_over_ = true;
            return {};
        }
        return unpacker.get<UnitRange>();
    }

    [[nodiscard]] std::vector<KnownPoint> look_up(std::span<const PointKey> keys) override {
        Packer packer;
        packer.add(Kind::look_up).add(keys.size());
        for (const PointKey& key : keys) packer.add(key);
        messages_.send(0, packer.bytes());
        const Message message = wait_for_message(messages_);
        Unpacker unpacker(message.bytes);
        if (unpacker.get<Kind>() != Kind::known) throw SystemError("rank 0 says something else than asked");
        std::vector<KnownPoint> known(keys.size());
        for (KnownPoint& one : known) one = unpacker.get<KnownPoint>();
        return known;
    }

    void hand_in(WorkDone done) override { messages_.send(0, pack(done)); }
    [[nodiscard]] std::size_t points_a_look_up() const override { return points_of_message; }

    [[nodiscard]] bool told_over() const { return told_over_; }

    static Message wait_for_message(MessagePassing& messages) {
        while (true) {
            if (std::optional<Message> message = messages.receive()) return std::move(*message);
            std::this_thread::sleep_for(patience);
        }
    }

private:
    MessagePassing& messages_;
    bool told_over_ = false;
};

// Rank 0's side of what the others say.
class RankDesk {
public:
    RankDesk(MessagePassing& messages, Coordinator& coordinator) : messages_(messages), coordinator_(coordinator) {}

    [[nodiscard]] bool all_ranks_ended() const { return ended_ == messages_.ranks() - 1; }

    // Everything that has come; whether anything had.
    bool serve() {
        bool any = false;
        while (const std::optional<Message> message = messages_.receive()) {
            any = true;
            answer(*message);
        }
        for (std::size_t waiting = waiting_.size(); waiting > 0; --waiting) {
            const int rank = waiting_.front();
            const Coordinator::Offer offer = coordinator_.try_next();
            if (!offer.units && !offer.over) break;
            waiting_.pop_front();
            if (offer.units) {
                messages_.send(rank, Packer().add(Kind::units).add(*offer.units).bytes());
            } else {
                messages_.send(rank, Packer().add(Kind::over).bytes());
                ++ended_;
            }
        }
        return any;
    }

private:
    void answer(const Message& message) {
        Unpacker unpacker(message.bytes);
        switch (unpacker.get<Kind>()) {
        case Kind::next: waiting_.push_back(message.from); return;
        case Kind::work_done: coordinator_.hand_in_without_waiting(unpack_work(unpacker)); return;
        case Kind::left: ++ended_; return;
        case Kind::look_up: {
            std::vector<PointKey> keys(unpacker.get<std::size_t>());
            for (PointKey& key : keys) key = unpacker.get<PointKey>();
            Packer packer;
            packer.add(Kind::known);
            for (const KnownPoint& known : coordinator_.look_up(keys)) packer.add(known);
            messages_.send(message.from, packer.bytes());
            return;
        }
        default: throw SystemError(fmt::format("rank {} says what no rank should", message.from));
        }
    }

    MessagePassing& messages_;
    Coordinator& coordinator_;
    std::deque<int> waiting_; // for work
    int ended_ = 0;
};

class MessagePassingEngine : public SweepEngine {
public:
    explicit MessagePassingEngine(MessagePassing& messages) : messages_(messages) {}

    SweepProgress run(const SweepWork& work, const Schedule& schedule, ResultSink& sink,
                      const EngineOptions& options) override {
        const auto workers = static_cast<std::size_t>(messages_.ranks());
        Coordinator coordinator(work, schedule, sink, {workers, options.retry, options.stop, options.show});
        RankDesk desk(messages_, coordinator);
        std::exception_ptr error;
        std::exception_ptr error_of_worker;
        std::atomic<bool> worker_ended = false;
        std::jthread worker([&] {
            try {
                work_through(coordinator, work, schedule, options.stop);
            } catch (...) {
                error_of_worker = std::current_exception();
                coordinator.end();
            }
            worker_ended = true;
        });
        std::optional<Clock::time_point> stopped;
        while (!desk.all_ranks_ended() || !worker_ended) {
            const bool busy = desk.serve();
            try {
                if (error)
                    std::this_thread::sleep_for(patience);
                else
                    coordinator.write(busy ? 0us : patience);
            } catch (...) { // the others are told that it is over
                error = std::current_exception();
            }
            if (!options.stop.stop_requested()) continue;
            if (!stopped) stopped = Clock::now();
            if (Clock::now() - *stopped < patience_with_ranks) continue;
            messages_.abandon();
            break;
        }
        coordinator.end();
        worker.join();
        if (error) std::rethrow_exception(error);
        coordinator.flush();
        if (error_of_worker) std::rethrow_exception(error_of_worker);
        return coordinator.progress();
    }

private:
    MessagePassing& messages_;
};

} // namespace

std::unique_ptr<SweepEngine> make_message_passing_engine(MessagePassing& messages) {
    return std::make_unique<MessagePassingEngine>(messages);
}

void work_for_rank_0(MessagePassing& messages, const SweepWork& work, const Schedule& schedule,
                     const std::stop_token& stop) {
    RemoteSource source(messages);
    work_through(source, work, schedule, stop);
    if (!source.told_over()) messages.send(0, Packer().add(Kind::left).bytes());
}

bool all_ranks_agree(MessagePassing& messages, const std::string& problem, const std::string& preparations) {
    if (messages.rank() != 0) {
        messages.send(0, Packer().add(Kind::prepared).add(problem).add(preparations).bytes());
        const Message message = RemoteSource::wait_for_message(messages);
        Unpacker unpacker(message.bytes);
        return unpacker.get<Kind>() == Kind::go && unpacker.get<bool>();
    }
    std::string why;
    for (int missing = messages.ranks() - 1; missing > 0; --missing) {
        const Message message = RemoteSource::wait_for_message(messages);
        Unpacker unpacker(message.bytes);
        if (unpacker.get<Kind>() != Kind::prepared) throw SystemError("ranks of different versions of switchyard");
        const std::string theirs = unpacker.text();
        if (!why.empty()) continue;
        if (!theirs.empty())
            why = fmt::format("rank {}: {}", message.from, theirs);
        else if (unpacker.text() != preparations)
            why = fmt::format("rank {} has read another sweep, or is another version of switchyard: all machines need "
                              "the same files",
                              message.from);
    }
    for (int rank = 1; rank < messages.ranks(); ++rank)
        messages.send(rank, Packer().add(Kind::go).add(problem.empty() && why.empty()).bytes());
    if (problem.empty() && !why.empty()) throw InputError(why);
    return problem.empty();
}

} // namespace switchyard::lab
