// The words of scenario files that are about a server and the load on it: a part of the tables of keys.cpp.
#pragma once

#include "formats/scenario/communication_keys.hpp"

#include <array>

namespace switchyard::formats {

inline constexpr std::array closed_load_keys{
    KeyDescription{"clients", ValueType::integer, "how many there are", true},
    KeyDescription{"think", ValueType::drawn_time, "of each, from an answer to its next request; nothing by default"},
};
inline constexpr MapDescription closed_load_map{
    .name = "'closed'", .about = "clients that wait for their answers", .keys = closed_load_keys};
inline constexpr std::array load_keys{
    KeyDescription{"open", ValueType::drawn_time, "from one arrival to the next; exponential: a Poisson process"},
    KeyDescription{"trace", ValueType::figures, "the times of all arrivals, since the beginning"},
    KeyDescription{"closed", ValueType::map, "clients that wait for their answers", false, &closed_load_map},
};
inline constexpr MapDescription load_map{
    .name = "'load'", .about = "when requests arrive", .keys = load_keys, .one_of = "load"};
inline constexpr std::array server_keys{
    KeyDescription{"model", ValueType::text,
                   "event-loop, thread-pool, thread-per-request, process-per-request, pre-fork, "
                   "processes-and-coroutines or work-stealing",
                   true},
    KeyDescription{"workers", ValueType::integer, "threads or processes, of models with a fixed number; 1 by default"},
    KeyDescription{"queue", ValueType::integer,
                   "thread-pool: how many requests wait for a thread at most; 128 by default"},
    KeyDescription{"blocking", ValueType::boolean, "event loops: waits block the whole loop"},
    KeyDescription{"do", ValueType::operations, "what is done for each request", true},
    KeyDescription{"requests", ValueType::integer, "how many there are; of a trace, as many as it has times"},
    KeyDescription{"load", ValueType::map, "when they arrive", true, &load_map},
    KeyDescription{"channel", ValueType::name_or_map, "from the clients to the server; fifo by default", false,
                   &channel_map},
    KeyDescription{"message", ValueType::size, "of a request; 64B by default"},
    KeyDescription{"response", ValueType::size, "of an answer; none by default, in a closed loop as large as requests"},
    KeyDescription{"state", ValueType::size, "memory it has, region 'state'; none by default"},
    KeyDescription{"resident", ValueType::size, "memory a server that forks has touched before; none by default"},
    KeyDescription{"interpreter", ValueType::text, "the interpreter lock it computes under"},
    KeyDescription{"cores", ValueType::integers, "the cores the server may run on, counted from 0"},
    KeyDescription{"client_cores", ValueType::integers, "the cores its clients may run on"},
};
inline constexpr MapDescription server_map{
    .name = "'server'", .about = "a server and the load on it", .keys = server_keys};

} // namespace switchyard::formats
