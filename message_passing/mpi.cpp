// The module for message passing, by MPI. The program loads it when it is started under mpirun, and needs no MPI else.
#include "message_passing/module.hpp"

#include <mpi.h>

#include <climits>
#include <cstdio>

namespace {

constexpr int tag = 1;

void send(int to, const void* bytes, std::size_t size) {
    if (size > INT_MAX) { // MPI counts with int
        std::fputs("switchyard: a message of more than 2 GiB\n", stderr);
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
    MPI_Send(bytes, static_cast<int>(size), MPI_BYTE, to, tag, MPI_COMM_WORLD);
}

long probe(int* from) {
    int there = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, tag, MPI_COMM_WORLD, &there, &status);
    if (there == 0) return -1;
    int size = 0;
    MPI_Get_count(&status, MPI_BYTE, &size);
    *from = status.MPI_SOURCE;
    return size;
}

void receive(int from, void* bytes, std::size_t size) {
    MPI_Recv(bytes, static_cast<int>(size), MPI_BYTE, from, tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

void finish() { MPI_Finalize(); }

} // namespace

extern "C" const SwitchyardMessagePassing* switchyard_join_ranks() {
    static SwitchyardMessagePassing messages{switchyard_message_passing_version, 0, 1, send, probe, receive, finish};
    int level = 0; // the thread that joins is the only one that calls
    if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS) return nullptr;
    MPI_Comm_rank(MPI_COMM_WORLD, &messages.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &messages.ranks);
    return &messages;
}
