// A turn that two threads on one processor hand over to each other under a mutex, by a condition variable each.
#include "models/errors.hpp"
#include "native/probes/partner.hpp"
#include "native/probes/primitives.hpp"

#include <pthread.h>

namespace switchyard::native {

namespace {

enum class Turn { ours, partners, nobodys };

struct State {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t ours = PTHREAD_COND_INITIALIZER;
    pthread_cond_t partners = PTHREAD_COND_INITIALIZER;
    Turn turn = Turn::ours;
};

// Gives the turn away and waits until it is no longer where it was given. Signals after giving back the mutex: whoever
// is woken takes it at once.
void pass(State& state, Turn to) {
    pthread_mutex_lock(&state.mutex);
    state.turn = to;
    pthread_mutex_unlock(&state.mutex);
    pthread_cond_signal(to == Turn::ours ? &state.ours : &state.partners);
    pthread_mutex_lock(&state.mutex);
    while (state.turn == to) pthread_cond_wait(to == Turn::ours ? &state.partners : &state.ours, &state.mutex);
    pthread_mutex_unlock(&state.mutex);
}

} // namespace

std::vector<Sample> measure_condition_between_threads(const ProbeRun& run) {
    constexpr std::int64_t round_trips = 500;
    State state;
    Partner partner(PartnerKind::thread, [&] {
        pthread_mutex_lock(&state.mutex);
        while (state.turn == Turn::ours) pthread_cond_wait(&state.partners, &state.mutex);
        bool goes_on = state.turn == Turn::partners;
        pthread_mutex_unlock(&state.mutex);
        while (goes_on) {
            pass(state, Turn::ours);
            pthread_mutex_lock(&state.mutex);
            goes_on = state.turn == Turn::partners;
            pthread_mutex_unlock(&state.mutex);
        }
    });
    std::vector<Sample> samples = sample_batches(run, 2 * round_trips, [&] {
        for (std::int64_t trip = 0; trip < round_trips; ++trip) pass(state, Turn::partners);
    });
    pthread_mutex_lock(&state.mutex);
    state.turn = Turn::nobodys;
    pthread_mutex_unlock(&state.mutex);
    pthread_cond_signal(&state.partners);
    return samples;
}

} // namespace switchyard::native
