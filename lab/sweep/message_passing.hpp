// Messages between the ranks of a program that mpirun has started: several machines' processes that are one program.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace switchyard::lab {

struct Message {
    int from = 0;
    std::string bytes;
};

class MessagePassing {
public:
    virtual ~MessagePassing() = default;

    [[nodiscard]] virtual int rank() const = 0;
    [[nodiscard]] virtual int ranks() const = 0;
    virtual void send(int to, const std::string& bytes) = 0;
    [[nodiscard]] virtual std::optional<Message> receive() = 0; // what has come; never waits
    // Some rank does not answer any more: the end will not be waited for together.
    virtual void abandon() = 0;
};

// Whether this process is one of several that mpirun (or a program like it) has started: OMPI_COMM_WORLD_SIZE of Open
// MPI, PMI_RANK and PMI_SIZE of MPICH and its kin.
[[nodiscard]] bool is_started_as_rank();

// Joins the other ranks through the module switchyard-mpi.so, beside the executable or in ../lib/switchyard, whose last
// act, when the result goes, is to wait for the others. Throws SystemError where there is no module.
[[nodiscard]] std::unique_ptr<MessagePassing> join_ranks();

} // namespace switchyard::lab
