// A task carried as a fiber (Boost.Context): it has a stack of its own, mapped with a guard page below.
#pragma once

#include "native/runner/event_loop.hpp"

#include <boost/context/fiber.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>
#include <memory>
#include <utility>

namespace switchyard::native {

class FiberContext {
public:
    FiberContext() = default;
    explicit FiberContext(EventLoop<FiberContext>::Carried& carried)
        : fiber_(std::allocator_arg, boost::context::protected_fixedsize_stack(),
                 [&carried](boost::context::fiber&& carrier) {
                     record_start(carried);
                     while ((carried.pause = carried.loop->advance_until_hand_over(carried)) != Pause::ended)
                         carrier = std::move(carrier).resume();
                     return std::move(carrier);
                 }) {}

    void resume() { fiber_ = std::move(fiber_).resume(); }

private:
    boost::context::fiber fiber_;
};

} // namespace switchyard::native
