// C++20 coroutines: those that are ready resumed in turn by a small event loop, to which each of them comes back when
// it hands over; created and destroyed; held in memory.
#include "native/probes/primitives.hpp"

#include <algorithm>
#include <coroutine>
#include <exception>
#include <malloc.h>
#include <vector>

namespace switchyard::native {

namespace {

// A coroutine that does nothing but hand over, for ever.
struct Coroutine {
    struct promise_type {
        Coroutine get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
    };
    std::coroutine_handle<promise_type> handle;
};

// Those that are ready, first in, first out.
struct Ready {
    Ready* next = nullptr;
    std::coroutine_handle<> coroutine;
};

class EventLoop {
public:
    void push(Ready& ready) {
        ready.next = nullptr;
        (first_ == nullptr ? first_ : last_->next) = &ready;
        last_ = &ready;
    }
    // Resumes the first so many times, which is then ready again.
    void run(std::size_t times) {
        for (std::size_t time = 0; time < times; ++time) {
            Ready& ready = *first_;
            first_ = ready.next;
            ready.coroutine.resume();
            push(ready);
        }
    }

private:
    Ready* first_ = nullptr;
    Ready* last_ = nullptr;
};

Coroutine hand_over_for_ever(std::int64_t& resumed) {
    for (;;) {
        ++resumed;
        co_await std::suspend_always{};
    }
}

// The compiler must not see which coroutine a handle is, or it resumes it without a call, or without a frame.
std::coroutine_handle<> opaque(Coroutine coroutine) {
    void* address = coroutine.handle.address();
    asm volatile("" : "+r"(address));
    return std::coroutine_handle<>::from_address(address);
}

// So many coroutines resumed in turn, in the order in which they were made.
std::vector<Sample> measure_turns(const ProbeRun& run, std::size_t coroutines) {
    constexpr std::size_t resumptions = 100'000;
    const std::size_t turns = std::max<std::size_t>(resumptions / coroutines, 1);
    std::int64_t resumed = 0;
    std::vector<Ready> ready(coroutines);
    EventLoop loop;
    for (Ready& one : ready) {
        one.coroutine = opaque(hand_over_for_ever(resumed));
        loop.push(one);
    }
    std::vector<Sample> samples =
        sample_batches(run, static_cast<std::int64_t>(turns * coroutines), [&] { loop.run(turns * coroutines); });
    for (const Ready& one : ready) one.coroutine.destroy();
    return samples;
}

} // namespace

std::vector<Sample> measure_coroutine_switch(const ProbeRun& run) { return measure_turns(run, 2); }

std::vector<Sample> measure_coroutine_ring(const ProbeRun& run) {
    return measure_turns(run, static_cast<std::size_t>(run.amount) + 1);
}

std::vector<Sample> measure_coroutine_creation(const ProbeRun& run) {
    constexpr std::int64_t coroutines = 10'000;
    std::int64_t resumed = 0;
    return sample_batches(run, coroutines, [&] {
        for (std::int64_t i = 0; i < coroutines; ++i) {
            const std::coroutine_handle<> coroutine = opaque(hand_over_for_ever(resumed));
            coroutine.resume();
            coroutine.destroy();
        }
    });
}

std::vector<Sample> measure_coroutine_resident(const ProbeRun&) {
    constexpr std::size_t coroutines = 10'000;
    std::int64_t resumed = 0;
    std::vector<std::coroutine_handle<>> handles;
    handles.reserve(coroutines);
    const std::size_t before = mallinfo2().uordblks;
    for (std::size_t i = 0; i < coroutines; ++i) handles.push_back(opaque(hand_over_for_ever(resumed)));
    const std::size_t after = mallinfo2().uordblks;
    for (const std::coroutine_handle<> coroutine : handles) coroutine.destroy();
    return {{static_cast<double>(after - before) / static_cast<double>(coroutines), 0, 0}};
}

} // namespace switchyard::native
