// A validation of every kind of row, made by hand: what writers and readers of validations are tested with.
#pragma once

#include "lab/suite/validation.hpp"

namespace switchyard::lab {

inline ValidationRow sample_row(const char* metric, RowKind kind, MetricUnit unit, double predicted, double measured,
                                std::optional<double> target, std::optional<bool> met) {
    ValidationRow row;
    row.metric = metric;
    row.kind = kind;
    row.unit = unit;
    row.predicted = predicted;
    row.predicted_interval = Interval{predicted * 0.9, predicted * 1.1};
    row.measured = measured;
    row.measured_interval = Interval{measured * 0.99, measured * 1.01};
    row.error = (predicted - measured) / measured;
    row.target = target;
    row.spread = 0.02;
    row.rounds = {measured * 0.99, measured, measured * 1.01};
    row.met = met;
    return row;
}

inline Validation sample_validation() {
    Validation validation;
    validation.tool = "switchyard 0 validate";
    validation.date = "2026-01-02T03:04:05Z";
    validation.cpu = "A <CPU> & more";
    validation.kernel = "Linux 6.18";
    validation.cpus = 2;
    validation.hz = 250;
    validation.profile = "this machine";
    validation.profile_date = "2026-01-02T03:00:00Z";
    validation.rounds = 3;
    validation.drift = {{"yield_thread", {400e3, 404e3, 396e3}}};

    ValidatedScenario hogs;
    hogs.name = "two-hogs";
    hogs.family = "hogs";
    hogs.file = "two-hogs.yaml";
    hogs.about = "Do they take turns?";
    hogs.basis = Basis::fitted;
    hogs.rows = {sample_row("makespan", RowKind::time, MetricUnit::time, 2.02, 2.05, 0.07, true),
                 sample_row("switches", RowKind::count, MetricUnit::count, 500, 501, 0.02, true),
                 sample_row("task.A.window_share", RowKind::share, MetricUnit::share, 0.5, 0.5, 0.02, true),
                 sample_row("overhead", RowKind::time, MetricUnit::time, 0.02, 0.05, std::nullopt, std::nullopt)};
    ValidationRow distance;
    distance.metric = "task.A.run_length.distance";
    distance.kind = RowKind::distribution;
    distance.unit = MetricUnit::share;
    distance.error = 0.05;
    distance.target = 0.1;
    distance.spread = 0.03;
    distance.met = true;
    hogs.rows.push_back(distance);
    hogs.distributions = {{"task.A.run_length", {3, {{0.001, 1.0 / 3}, {0.004, 1}}}, {4, {{0.002, 0.25}, {0.004, 1}}}}};
    hogs.predicted = Breakdown{2.0, 0.02, 0};
    hogs.charged = {{"kernel", 0.015}, {"switching", 0.005}};
    hogs.measured = Breakdown{2.0, 0.05, 0.001};
    hogs.foreign_load = 0.005;
    hogs.speed = 1.01;
    hogs.costs = {{"switches", 1.25}, {"system calls", 0.98}};
    hogs.passed = true;

    ValidatedScenario ring;
    ring.name = "yield-ring/1000-threads";
    ring.family = "yield rings";
    ring.about = "What does a switch cost?";
    ring.basis = Basis::predicted;
    ring.unmeasured = {"switch.context"};
    ring.rows = {sample_row("makespan", RowKind::time, MetricUnit::time, 0.1, 0.2, 0.05, false)};
    ring.rows.front().within = std::nullopt;
    ring.costs = {{"switches", 1.05}};
    ring.rows.push_back(sample_row("overhead", RowKind::time, MetricUnit::time, 0.1, 0.2, 0.05, std::nullopt));
    ring.rows.back().too_noisy = true;
    ring.predicted = Breakdown{0, 0.1, 0};
    ring.measured = Breakdown{0, 0.2, 0};
    ring.remarks = {"no session of its own | could be had"};
    return validation.scenarios = {hogs, ring}, validation;
}

} // namespace switchyard::lab
