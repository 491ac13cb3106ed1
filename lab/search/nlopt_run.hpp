// NLopt, asked through functions that may throw.
#pragma once

#include <deque>
#include <exception>
#include <functional>
#include <nlopt.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

namespace switchyard::lab {

// Functions that one of NLopt's methods asks for values, and its run. NLopt knows a function and a pointer only, and
// nothing of what functions throw: that ends the run, and is thrown again.
class NloptRun {
public:
    using Function = std::function<double(const std::vector<double>&)>;

    void minimize(nlopt::opt& method, const Function& function) { method.set_min_objective(call, add(function)); }
    void keep_below_0(nlopt::opt& method, const Function& function) {
        method.add_inequality_constraint(call, add(function), 0);
    }

    // From there until it ends by itself, or something is thrown.
    void run(nlopt::opt& method, std::vector<double> place) {
        double value = 0;
        try {
            method.optimize(place, value);
        } catch (const std::runtime_error&) { // forced to stop, or limited by roundoff: what was found is known
        }
        if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
    }

private:
    struct One {
        NloptRun* self;
        Function function;
    };

    One* add(const Function& function) {
        functions_.push_back({this, function});
        return &functions_.back();
    }

    static double call(const std::vector<double>& place, std::vector<double>& /*gradient*/, void* data) {
        One& one = *static_cast<One*>(data);
        try {
            if (!one.self->thrown_) return one.function(place);
        } catch (...) {
            one.self->thrown_ = std::current_exception();
        }
        throw nlopt::forced_stop();
    }

    std::deque<One> functions_;
    std::exception_ptr thrown_;
};

} // namespace switchyard::lab
