// How long the thread of an event loop has been in blocking calls of those it carries, as a function of time: what is
// ready meanwhile is stalled for as long. A call counts from its beginning to its return, whether it has slept or not.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace switchyard::native {

// All in ns, instants of CLOCK_MONOTONIC.
class BlockedTime {
public:
    void begin(std::int64_t now) { since_ = now; }
    void end(std::int64_t now) {
        latest_.push_back({since_, now, total_});
        total_ += now - since_;
        since_ = never;
    }

    // All together until that instant, which is not before the latest `forget`.
    [[nodiscard]] std::int64_t until(std::int64_t instant) const {
        if (since_ != never && instant > since_) return total_ + (instant - since_);
        const auto behind = std::upper_bound(latest_.begin(), latest_.end(), instant,
                                             [](std::int64_t at, const Call& call) { return at < call.begin; });
        if (behind == latest_.begin()) return latest_.empty() ? total_ : latest_.front().before;
        const Call& call = *(behind - 1);
        return call.before + std::min(instant, call.end) - call.begin;
    }

    // All together, by the thread itself: it is in none.
    [[nodiscard]] std::int64_t total() const { return total_; }

    // Nobody will ask for an instant before now.
    void forget() { latest_.clear(); }

private:
    struct Call {
        std::int64_t begin;
        std::int64_t end;
        std::int64_t before; // all before it
    };
    static constexpr std::int64_t never = -1;

    std::int64_t since_ = never;
    std::int64_t total_ = 0;
    std::vector<Call> latest_;
};

} // namespace switchyard::native
