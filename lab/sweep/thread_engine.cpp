#include "lab/sweep/engine.hpp"

#include <algorithm>
#include <exception>
#include <thread>

namespace switchyard::lab {

using namespace std::chrono_literals;

namespace {

class ThreadEngine : public SweepEngine {
public:
    explicit ThreadEngine(std::size_t workers) : workers_(std::max<std::size_t>(1, workers)) {}

    SweepProgress run(const SweepWork& work, const Schedule& schedule, ResultSink& sink,
                      const EngineOptions& options) override {
        Coordinator coordinator(work, schedule, sink, {workers_, options.retry, options.stop, options.show});
        std::mutex mutex;
        std::exception_ptr error; // the first worker's
        std::atomic<bool> broken = false;
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < workers_; ++i)
                threads.emplace_back([&] {
                    try {
                        work_through(coordinator, work, schedule, options.stop);
                    } catch (...) {
                        const std::lock_guard hold(mutex);
                        if (!error) error = std::current_exception();
                        broken = true;
                        coordinator.end();
                    }
                });
            while (!broken && coordinator.write(50ms)) {
            }
            coordinator.end(); // nobody waits for anything any more
        }
        coordinator.flush();
        if (error) std::rethrow_exception(error);
        return coordinator.progress();
    }

private:
    std::size_t workers_;
};

} // namespace

std::unique_ptr<SweepEngine> make_thread_engine(std::size_t workers) { return std::make_unique<ThreadEngine>(workers); }

} // namespace switchyard::lab
