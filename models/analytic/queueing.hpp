// Queueing systems in equilibrium, in closed form: jobs arrive as a Poisson process, independent of everything, and the
// queue is as long as it gets (Kleinrock 1975, "Queueing Systems", volume 1; Harchol-Balter 2013, "Performance Modeling
// and Design of Computer Systems"). What a simulated server must come to in the long run.
//
// Rates are per second and times in seconds. All throw InputError for an arrival rate that is below 0, a service time
// or rate that is not above 0, anything not finite, and for a system that is not stable, as it has no equilibrium.
#pragma once

#include <cstdint>

namespace switchyard {

// Long-run means. Little's law ties them: in_system = arrival rate x response, waiting_line = arrival rate x waiting.
struct QueueMeans {
    double utilisation = 0;  // the share of the time that a server is busy
    double in_system = 0;    // jobs that wait or are served
    double waiting_line = 0; // jobs that wait
    double response = 0;     // from arrival to end
    double waiting = 0;      // response less service; where service is shared, all that sharing costs
};

// M/M/1, first come first served: exponential service at `service_rate`; response = 1 / (mu - lambda).
[[nodiscard]] QueueMeans mm1(double arrival_rate, double service_rate);

// The time in which that share of an M/M/1's responses ends (0.99: the 99th percentile): they are exponential, too.
// Throws InputError unless 0 <= share < 1.
[[nodiscard]] double mm1_response_quantile(double arrival_rate, double service_rate, double share);

// M/M/c, first come first served from one queue by servers of `service_rate` each. Throws InputError for no server.
[[nodiscard]] QueueMeans mmc(double arrival_rate, double service_rate, std::uint32_t servers);

// M/M/c//N, the machine repairman: each of N `clients` thinks for an exponential time of mean `think`, has a job of
// exponential service done by one of the servers, first come first served, and begins anew. A closed system is always
// stable; its throughput is clients / (think + response), and what mean value analysis comes to (Reiser and Lavenberg
// 1980, JACM 27(2)), exactly. Computed from the probabilities of its states, a birth-death process, scaled so that
// neither large nor small ones are lost. Throws InputError for no client, no server, a think time not above 0.
[[nodiscard]] QueueMeans machine_repairman(std::uint32_t clients, double think, double service_rate,
                                           std::uint32_t servers = 1);

// The probability that an arrival finds all servers busy, for an offered load of `arrival rate / service rate`:
// Erlang's formulas (Erlang 1917), by the recursion over servers that neither overflows nor cancels. B where it is then
// lost (M/G/c/c: any service distribution, any load), C where it waits (M/M/c: the load must be below `servers`).
[[nodiscard]] double erlang_b(double load, std::uint32_t servers);
[[nodiscard]] double erlang_c(double load, std::uint32_t servers);

// M/G/1, first come first served: any service distribution, of which the mean and the squared coefficient of variation
// (variance / mean^2: 0 constant, 1 exponential) are enough; waiting = rho / (1 - rho) x (1 + variation) / 2 x mean
// (Pollaczek 1930, Khinchine 1932). Throws InputError for a variation below 0.
[[nodiscard]] QueueMeans mg1_first_come_first_served(double arrival_rate, double mean_service, double variation);

// M/G/1, processor sharing: all present jobs are served at once, at equal shares; what round robin with ever shorter
// slices and free switches comes to. Only the mean of the service distribution matters: response = mean / (1 - rho)
// (Kleinrock 1967, "Time-shared systems", JACM 14(2); Sakata, Noguchi and Oizumi 1971, Operations Research 19(2)).
[[nodiscard]] QueueMeans mg1_processor_sharing(double arrival_rate, double mean_service);

// The mean response of a job of known service time there: it is slowed down by 1 / (1 - rho) whatever its length.
[[nodiscard]] double mg1_processor_sharing_response(double arrival_rate, double mean_service, double service);

} // namespace switchyard
