#include "native/plan/family.hpp"

#include "models/errors.hpp"
#include "native/plan/decisions.hpp"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <limits>
#include <utility>

namespace switchyard::native {

bool creates_task(OperationKind kind) {
    return kind == OperationKind::fork || kind == OperationKind::vfork || kind == OperationKind::clone ||
           kind == OperationKind::spawn;
}

bool takes_amount(OperationKind kind) {
    return kind == OperationKind::compute || kind == OperationKind::sleep || kind == OperationKind::repeat ||
           kind == OperationKind::send || kind == OperationKind::receive || kind == OperationKind::for_each ||
           kind == OperationKind::io || kind == OperationKind::job;
}

bool draws_references(const Program& program, const Operation& operation) {
    return operation.kind == OperationKind::touch && is_drawn(program.memory.touches[operation.object].pattern);
}

namespace {

std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
    std::uint64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::uint64_t>::max() : product;
}

// A repeat that a task is in.
struct Loop {
    std::int64_t rounds = 0; // left, the present one included
    Family before;           // the total when the present round began
};

// A task still to be walked through: where it begins, what it inherits, and the amount that shall say where its own
// are.
struct Start {
    std::uint32_t instance = 0; // under which it draws
    std::uint32_t position = 0;
    std::vector<Loop> loops;
    std::size_t place = 0;
};

class Walk {
public:
    Walk(Family& total, std::vector<std::int64_t>* values, DrawnReferences* references, const Scenario& scenario,
         const Member& member, const RunnerUnits& units)
        : program_(scenario.tasks[member.program].program),
          units_(units),
          seed_(scenario.seed),
          template_(member.program),
          draws_(draws(program_)),
          total_(total),
          executed_by_others_(total.executions),
          values_(values),
          references_(references) {}

    void follow_family(std::uint32_t instance) {
        follow({.instance = instance, .position = 0, .loops = {}, .place = 0});
        is_child_ = true;
        for (; !children_.empty(); children_.pop_front()) {
            Start& child = children_.front();
            if (draws_ && values_ != nullptr) (*values_)[child.place] = static_cast<std::int64_t>(values_->size());
            follow(std::move(child));
        }
    }

private:
    [[noreturn]] void refuse(std::uint32_t at, const std::string& message) const {
        throw InputError(message, at < program_.locations.size() ? program_.locations[at] : SourceLocation{});
    }

    void count_amount(std::uint32_t at) {
        if (++total_.amounts > most_amounts)
            refuse(at, fmt::format("more than {} amounts would have to be drawn beforehand", most_amounts));
    }

    void count_executions(std::uint32_t at, std::uint64_t times) {
        if (times > most_executions || (total_.executions += times) - executed_by_others_ > most_executions)
            refuse(at, fmt::format("more than {} operations would be executed: repeat less often", most_executions));
    }

    // From its beginning to its end.
    void follow(Start task) {
        executed_.assign(draws_ ? program_.code.size() : 0, 0);
        for (std::uint32_t at = task.position;;) {
            const Operation& operation = program_.code[at];
            count_executions(at, 1);
            if (is_decided_by_others(operation)) {
                at = behind_decision(program_, at);
                continue;
            }
            switch (operation.kind) {
            case OperationKind::end:
            case OperationKind::exit:
            case OperationKind::crash: return;
            case OperationKind::fork:
            case OperationKind::vfork:
            case OperationKind::clone:
            case OperationKind::spawn:
                create_child(task, at);
                at = operation.target;
                break;
            case OperationKind::repeat: {
                const std::int64_t rounds = amount_of(task, at);
                if (rounds > 0) task.loops.push_back({rounds, total_});
                at = rounds > 0 ? at + 1 : operation.target;
                break;
            }
            case OperationKind::repeat_end: at = goes_round_again(task, at) ? operation.target : at + 1; break;
            case OperationKind::compute:
                total_.pieces += timed_pieces(units_, amount_of(task, at));
                ++at;
                break;
            case OperationKind::touch:
                if (draws_references(program_, operation)) draw_references(task, at);
                ++at;
                break;
            case OperationKind::job:
                if (!is_child_) ++total_.jobs;
                static_cast<void>(amount_of(task, at));
                ++at;
                break;
            default:
                if (takes_amount(operation.kind)) static_cast<void>(amount_of(task, at));
                ++at;
            }
        }
    }

    std::int64_t amount_of(const Start& task, std::uint32_t at) {
        const Operation& operation = program_.code[at];
        const Distribution& amount = program_.amounts[operation.amount];
        if (amount.is_constant()) return in_runner_units(units_, operation.kind, amount.value);
        if (operation.of_request) return 0; // not the task's
        count_amount(at);
        if (values_ == nullptr && operation.kind != OperationKind::repeat) return 0;
        const std::int64_t drawn = sample(amount, {seed_, template_, task.instance, at, executed_[at]++});
        const std::int64_t converted = in_runner_units(units_, operation.kind, drawn);
        if (values_ != nullptr) values_->push_back(converted);
        return converted;
    }

    void draw_references(const Start& task, std::uint32_t at) {
        const Touch& touch = program_.memory.touches[program_.code[at].object];
        count_amount(at);
        if ((total_.references += touch.count) > most_references)
            refuse(at, fmt::format("more than {} references would have to be drawn beforehand", most_references));
        if (values_ == nullptr) return;
        values_->push_back(static_cast<std::int64_t>(references_->pages.size()));
        references_->draw(touch, {seed_, template_, task.instance, at, executed_[at]++});
    }

    void create_child(const Start& parent, std::uint32_t at) {
        if (++total_.children > most_children)
            refuse(at, fmt::format("more than {} children would be forked and spawned", most_children));
        Start& child = children_.emplace_back();
        child.position = at + 1;
        if (program_.code[at].kind == OperationKind::fork) child.loops = parent.loops; // others end with their bodies
        if (!draws_) return;
        count_amount(at);
        child.instance = child_instance(parent.instance, at, executed_[at]++);
        if (values_ == nullptr) return;
        child.place = values_->size();
        values_->push_back(0);
    }

    // A round that drew nothing and created nobody is like all that follow it: they need no walking through. (A child
    // that joins in the middle of a round has been created in it.)
    bool goes_round_again(Start& task, std::uint32_t at) {
        Loop& loop = task.loops.back();
        if (--loop.rounds > 0) {
            if (loop.before.amounts != total_.amounts || loop.before.children != total_.children) {
                loop.before = total_;
                return true;
            }
            const auto rounds = static_cast<std::uint64_t>(loop.rounds);
            count_executions(at, saturating_product(total_.executions - loop.before.executions, rounds));
            total_.pieces += saturating_product(total_.pieces - loop.before.pieces, rounds);
            total_.jobs += saturating_product(total_.jobs - loop.before.jobs, rounds);
        }
        task.loops.pop_back();
        return false;
    }

    const Program& program_;
    const RunnerUnits& units_;
    std::uint64_t seed_;
    std::uint32_t template_;
    bool draws_;
    bool is_child_ = false; // whom it follows
    Family& total_;
    std::uint64_t executed_by_others_; // in the total before this family
    std::vector<std::int64_t>* values_;
    DrawnReferences* references_;
    std::deque<Start> children_;
    std::vector<std::uint64_t> executed_; // each operation, by the task being followed; where it draws
};

} // namespace

DrawnReferences::DrawnReferences(const Scenario& scenario)
    : scenario_(scenario), numbering_(number_regions(scenario)), sizes_(scenario) {}

void DrawnReferences::draw(const Touch& touch, const DrawKey& key) {
    const RegionPart& part = touch.part;
    const Bytes size = sizes_.of(key.task, numbering_.of_program[key.task][part.region]).value_or(Bytes{});
    const Bytes length = part.length.count > 0 ? part.length : size - part.offset;
    const Bytes page = scenario_.machine.memory.page_size;
    const ZipfTable* table = nullptr;
    if (touch.pattern == AccessPattern::zipf) {
        const auto count = static_cast<std::uint32_t>(pages_of(length, page));
        table = &tables_.try_emplace({count, touch.skew}, count, touch.skew).first->second;
    }
    for (ReferenceString string(touch, length, key, {}, table, page); string.more();)
        pages.push_back(static_cast<std::uint32_t>(string.next()));
}

void count_family(Family& total, const Scenario& scenario, const Member& member) {
    const RunnerUnits units = runner_units(1);
    const std::uint64_t pieces = total.pieces;
    Walk(total, nullptr, nullptr, scenario, member, units).follow_family(member.number);
    total.pieces = pieces;
}

void draw_family(Family& total, std::vector<std::int64_t>& values, const Scenario& scenario, const Member& member,
                 const RunnerUnits& units, DrawnReferences& references) {
    Walk(total, &values, &references, scenario, member, units).follow_family(member.number);
}

} // namespace switchyard::native
