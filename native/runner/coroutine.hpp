// A task carried as a C++20 coroutine: its frame is what survives a hand-over, on no stack of its own.
#pragma once

#include "native/runner/event_loop.hpp"

#include <coroutine>
#include <exception>
#include <utility>

namespace switchyard::native {

class CoroutineContext {
public:
    CoroutineContext() = default;
    explicit CoroutineContext(EventLoop<CoroutineContext>::Carried& carried) : handle_(execute(carried).handle) {}
    CoroutineContext(CoroutineContext&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    CoroutineContext& operator=(CoroutineContext&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~CoroutineContext() {
        if (handle_) handle_.destroy();
    }

    void resume() { handle_.resume(); }

private:
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

    // Each time by the loop that has resumed it.
    static Coroutine execute(EventLoop<CoroutineContext>::Carried& carried) {
        record_start(carried);
        while ((carried.pause = carried.loop->advance_until_hand_over(carried)) != Pause::ended)
            co_await std::suspend_always{};
    }

    std::coroutine_handle<> handle_;
};

} // namespace switchyard::native
