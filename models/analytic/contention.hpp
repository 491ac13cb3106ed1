// What many workers come to who have to take turns at one thing, a lock for instance.
//
// Each of `workers` is busy by itself for `think` on average, and then has the one thing for `service`, for which it
// waits behind those who came before. Times in seconds, rates per second. All throw InputError for no worker, for times
// that are below 0, both 0, or not finite, and for shares that are no shares.
#pragma once

#include <cstdint>

namespace switchyard {

// How much faster `workers` are than one where the share `serial` of the work cannot be shared out:
// n / (1 + serial (n - 1)) (Amdahl 1967, "Validity of the single processor approach to achieving large scale computing
// capabilities", AFIPS 30).
[[nodiscard]] double amdahl_speed_up(std::uint32_t workers, double serial);

// The same where keeping up with each other costs besides: n / (1 + contention (n - 1) + coherency n (n - 1)). With
// coherency it has a maximum, at sqrt((1 - contention) / coherency) (Gunther 1993, "A simple capacity model of
// massively parallel transaction systems", CMG; 2007, "Guerrilla Capacity Planning", chapter 4). Throws InputError
// unless 0 <= contention <= 1 and coherency >= 0.
[[nodiscard]] double universal_scalability(std::uint32_t workers, double contention, double coherency);

// How they do in the long run.
struct ContentionMeans {
    double throughput = 0;  // services a second, of all together
    double response = 0;    // waiting and service
    double queue = 0;       // workers that wait or are served
    double utilisation = 0; // the share of the time the thing is had by somebody
};

// Exponential think and service times, first come first served: the machine repairman, by exact mean value analysis
// (Reiser and Lavenberg 1980, "Mean-value analysis of closed multichain queuing networks", JACM 27(2); Lazowska et al.
// 1984, "Quantitative System Performance", chapter 6): response(n) = service (1 + queue(n - 1)).
[[nodiscard]] ContentionMeans repairman(std::uint32_t workers, double think, double service);

// No more than this, whatever the distributions: min(n / (think + service), 1 / service). The two meet at
// `saturation_point` workers, (think + service) / service (Lazowska et al., chapter 5).
[[nodiscard]] double highest_throughput(std::uint32_t workers, double think, double service);
[[nodiscard]] double saturation_point(double think, double service);

// And this where all come at once, each time, and wait for all others: n / (think + n service), by which the workers
// are as much faster than one as Amdahl has it for serial = service / (think + service) (Gunther 2008, "A general
// theory of computational scalability based on rational functions", arXiv:0808.1431, theorem 2).
[[nodiscard]] double synchronous_throughput(std::uint32_t workers, double think, double service);

} // namespace switchyard
