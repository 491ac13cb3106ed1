#include "models/analytic/queueing.hpp"

#include "models/errors.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace switchyard {

namespace {

void require_rate(double arrival_rate) {
    if (std::isfinite(arrival_rate) && arrival_rate >= 0) return;
    throw InputError(fmt::format("jobs cannot arrive at a rate of {}/s: write 0 or more", arrival_rate));
}

void require_above_zero(double value, const char* what) {
    if (std::isfinite(value) && value > 0) return;
    throw InputError(fmt::format("a {} of {} means nothing: write more than 0", what, value));
}

// The utilisation, of which there is an equilibrium.
double stable(double load, std::uint32_t servers) {
    if (servers == 0) throw InputError("a queue with 0 servers is never served: give at least 1");
    const double utilisation = load / servers;
    if (utilisation < 1) return utilisation;
    throw InputError(
        fmt::format("the queue is not stable: its {} would have to be busy {:.4g} of the time, and it grows "
                    "without end: lower the arrival rate or the service time, or add servers",
                    servers == 1 ? "server" : "servers", utilisation));
}

QueueMeans from_waiting(double arrival_rate, double mean_service, double utilisation, double waiting) {
    const double response = waiting + mean_service;
    return {.utilisation = utilisation,
            .in_system = arrival_rate * response,
            .waiting_line = arrival_rate * waiting,
            .response = response,
            .waiting = waiting};
}

} // namespace

QueueMeans mm1(double arrival_rate, double service_rate) { return mmc(arrival_rate, service_rate, 1); }

double mm1_response_quantile(double arrival_rate, double service_rate, double share) {
    if (!(share >= 0 && share < 1))
        throw InputError(fmt::format("a quantile at {} does not exist: write a share from 0 to below 1", share));
    return -std::log1p(-share) * mm1(arrival_rate, service_rate).response;
}

QueueMeans mmc(double arrival_rate, double service_rate, std::uint32_t servers) {
    require_rate(arrival_rate);
    require_above_zero(service_rate, "service rate");
    const double load = arrival_rate / service_rate;
    const double utilisation = stable(load, servers);
    const double waiting = erlang_c(load, servers) / (servers * service_rate * (1 - utilisation));
    return from_waiting(arrival_rate, 1 / service_rate, utilisation, waiting);
}

QueueMeans machine_repairman(std::uint32_t clients, double think, double service_rate, std::uint32_t servers) {
    require_above_zero(think, "think time");
    require_above_zero(service_rate, "service rate");
    require_above_zero(clients, "number of clients");
    require_above_zero(servers, "number of servers");
    // The weight of k jobs in the system is that of k - 1, times their arrival rate over the service rate of k.
    double weight = 1;
    double all = 1;
    double jobs = 0;
    double waiting = 0;
    double busy = 0;
    for (std::uint32_t k = 1; k <= clients; ++k) {
        const double served = std::min(k, servers);
        weight *= (clients - k + 1) / think / (served * service_rate);
        all += weight;
        jobs += k * weight;
        waiting += (k - served) * weight;
        busy += served * weight;
        if (all < 1e200) continue;
        for (double* sum : {&weight, &all, &jobs, &waiting, &busy}) *sum /= 1e200;
    }
    const double throughput = busy / all * service_rate;
    return {.utilisation = busy / all / servers,
            .in_system = jobs / all,
            .waiting_line = waiting / all,
            .response = jobs / all / throughput,
            .waiting = waiting / all / throughput};
}

double erlang_b(double load, std::uint32_t servers) {
    if (!(std::isfinite(load) && load >= 0))
        throw InputError(fmt::format("a load of {} cannot be offered: write 0 or more", load));
    double blocked = 1;
    for (std::uint32_t server = 1; server <= servers; ++server) blocked = load * blocked / (server + load * blocked);
    return blocked;
}

double erlang_c(double load, std::uint32_t servers) {
    const double blocked = erlang_b(load, servers);
    const double utilisation = stable(load, servers);
    return blocked / (1 - utilisation * (1 - blocked));
}

QueueMeans mg1_first_come_first_served(double arrival_rate, double mean_service, double variation) {
    require_rate(arrival_rate);
    require_above_zero(mean_service, "mean service time");
    if (!(std::isfinite(variation) && variation >= 0))
        throw InputError(
            fmt::format("a squared coefficient of variation of {} does not exist: write 0 or more", variation));
    const double utilisation = stable(arrival_rate * mean_service, 1);
    const double waiting = utilisation / (1 - utilisation) * (1 + variation) / 2 * mean_service;
    return from_waiting(arrival_rate, mean_service, utilisation, waiting);
}

QueueMeans mg1_processor_sharing(double arrival_rate, double mean_service) {
    const double response = mg1_processor_sharing_response(arrival_rate, mean_service, mean_service);
    return from_waiting(arrival_rate, mean_service, arrival_rate * mean_service, response - mean_service);
}

double mg1_processor_sharing_response(double arrival_rate, double mean_service, double service) {
    require_rate(arrival_rate);
    require_above_zero(mean_service, "mean service time");
    require_above_zero(service, "service time");
    return service / (1 - stable(arrival_rate * mean_service, 1));
}

} // namespace switchyard
