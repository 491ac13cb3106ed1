#include "models/analytic/contention.hpp"

#include "models/errors.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace switchyard {

namespace {

void check_workers(std::uint32_t workers) {
    if (workers == 0) throw InputError("there has to be a worker");
}

void check_times(double think, double service) {
    const bool are_times = std::isfinite(think) && std::isfinite(service) && think >= 0 && service >= 0;
    if (!are_times || think + service <= 0)
        throw InputError(fmt::format("nobody works for {} s and has the lock for {} s", think, service));
}

void check_share(double share) {
    if (!(share >= 0 && share <= 1)) throw InputError(fmt::format("{} is no share: write 0 to 1", share));
}

} // namespace

double amdahl_speed_up(std::uint32_t workers, double serial) { return universal_scalability(workers, serial, 0); }

double universal_scalability(std::uint32_t workers, double contention, double coherency) {
    check_workers(workers);
    check_share(contention);
    if (!(coherency >= 0) || !std::isfinite(coherency))
        throw InputError(fmt::format("coherency cannot cost {}: write 0 or more", coherency));
    const double n = workers;
    return n / (1 + contention * (n - 1) + coherency * n * (n - 1));
}

ContentionMeans repairman(std::uint32_t workers, double think, double service) {
    check_workers(workers);
    check_times(think, service);
    ContentionMeans means;
    for (std::uint32_t n = 1; n <= workers; ++n) {
        means.response = service * (1 + means.queue);
        means.throughput = n / (think + means.response);
        means.queue = means.throughput * means.response;
    }
    means.utilisation = means.throughput * service;
    return means;
}

double highest_throughput(std::uint32_t workers, double think, double service) {
    check_workers(workers);
    check_times(think, service);
    const double alone = workers / (think + service);
    return service > 0 ? std::min(alone, 1 / service) : alone;
}

double saturation_point(double think, double service) {
    check_times(think, service);
    if (service <= 0) throw InputError("what takes no time is never saturated");
    return (think + service) / service;
}

double synchronous_throughput(std::uint32_t workers, double think, double service) {
    check_workers(workers);
    check_times(think, service);
    return workers / (think + workers * service);
}

} // namespace switchyard
