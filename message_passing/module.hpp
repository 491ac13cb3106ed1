// What the module for message passing offers to the program that loads it: bytes sent from rank to rank. Plain
// functions, so that nothing else of the module's, MPI's least of all, is anything the program knows.
#pragma once

#include <cstddef>

extern "C" {

struct SwitchyardMessagePassing {
    int version; // of this structure: 1
    int rank;
    int ranks;
    void (*send)(int to, const void* bytes, std::size_t size); // returns when it may be written over
    // The size of the next message that has come, and whom from; -1 where none has.
    long (*probe)(int* from);
    void (*receive)(int from, void* bytes, std::size_t size); // that one
    void (*finish)();                                         // once all ranks call it
};

// Joins the other ranks; null where that fails. Called once, `finish` in the same thread.
using SwitchyardJoin = const SwitchyardMessagePassing* (*)();
inline constexpr const char* switchyard_join_name = "switchyard_join_ranks";
inline constexpr int switchyard_message_passing_version = 1;
}
