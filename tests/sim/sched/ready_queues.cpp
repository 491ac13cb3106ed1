// Queues of ready tasks by rank against a sorted set, with so many tasks that most of them stand behind the foremost
// few.
#include "sim/sched/ready_queues.hpp"

#include <catch2/catch_test_macros.hpp>
#include <random>
#include <set>
#include <utility>

using namespace switchyard;
using namespace switchyard::sim;

TEST_CASE("Queues by rank against a sorted set: whoever joins, leaves or is taken, the first is the first", "[sched]") {
    constexpr TaskId tasks = 60;
    for (unsigned seed = 0; seed < 20; ++seed) {
        std::mt19937 random(seed);
        ReadyQueues queues(1);
        const QueueId queue = queues.add_queue(QueueOrder::by_rank);
        for (TaskId task = 0; task < tasks; ++task) queues.introduce(task, {});
        std::set<std::pair<std::int64_t, TaskId>> waiting;
        const TaskId most = 2 + seed * 3; // of the tasks, so that queues are short and long
        for (int step = 0; step < 2000; ++step) {
            const auto task = static_cast<TaskId>(random() % most);
            if (random() % 3 == 0) {
                const TaskId expected = waiting.empty() ? no_task : waiting.begin()->second;
                REQUIRE(queues.take_first_for(queue, 0) == expected);
                if (expected != no_task) waiting.erase(waiting.begin());
            } else if (queues.queue_of(task) != no_queue) {
                waiting.erase({queues.rank_of(task).key, task});
                queues.remove(task);
            } else {
                const auto key = static_cast<std::int64_t>(random() % 20);
                queues.push(queue, task, {key, task, 0}, false);
                waiting.emplace(key, task);
            }
            REQUIRE(queues.size(queue) == waiting.size());
            REQUIRE(queues.first(queue) == (waiting.empty() ? no_task : waiting.begin()->second));
        }
    }
}
