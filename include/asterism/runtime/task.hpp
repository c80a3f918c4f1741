// Coroutines on the control loop: Task, the mailbox that a coroutine waits on, and the scope that owns running tasks.
//
//   Task<int> add(Mailbox<int>& box) { co_return co_await box.next() + co_await box.next(); }
//
// A Task starts when awaited or spawned, resumes only from the loop's ready queue (never inside the callback that
// completed what it waited for), and is destroyed with its owner wherever it is suspended: every awaiter takes itself
// out of what it waits for in its destructor.
#pragma once

#include <coroutine>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "asterism/runtime/loop.hpp"

namespace asterism {

template <class T = void>
class Task;

namespace detail {

struct TaskPromiseBase {
    std::coroutine_handle<> continuation = std::noop_coroutine();
    std::exception_ptr error;

    struct Final {
        bool await_ready() noexcept { return false; }
        template <class P>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<P> self) noexcept {
            return self.promise().continuation;
        }
        void await_resume() noexcept {}
    };
    std::suspend_always initial_suspend() noexcept { return {}; }
    Final final_suspend() noexcept { return {}; }
    void unhandled_exception() { error = std::current_exception(); }
};

template <class T>
struct TaskPromise : TaskPromiseBase {
    std::optional<T> value;
    Task<T> get_return_object();
    template <class U>
    void return_value(U&& result) {
        value.emplace(std::forward<U>(result));
    }
    T take() {
        if (error) std::rethrow_exception(error);
        return std::move(*value);
    }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
    Task<void> get_return_object();
    void return_void() {}
    void take() const {
        if (error) std::rethrow_exception(error);
    }
};

}  // namespace detail

/// A coroutine that gives one T. Owns its frame; awaiting it runs it to its end.
template <class T>
class [[nodiscard]] Task {
  public:
    using promise_type = detail::TaskPromise<T>;
    using Handle = std::coroutine_handle<promise_type>;

    Task() = default;
    explicit Task(Handle handle) : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    Task& operator=(Task&& other) noexcept {
        if (this != &other) {
            reset();
            handle_ = std::exchange(other.handle_, {});
        }
        return *this;
    }
    ~Task() { reset(); }

    explicit operator bool() const { return static_cast<bool>(handle_); }
    [[nodiscard]] bool done() const { return !handle_ || handle_.done(); }

    auto operator co_await() && {
        struct Awaiter {
            Handle handle;
            bool await_ready() const noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
                handle.promise().continuation = awaiting;
                return handle;
            }
            T await_resume() { return handle.promise().take(); }
        };
        return Awaiter{handle_};
    }

  private:
    void reset() {
        if (handle_) std::exchange(handle_, {}).destroy();
    }
    Handle handle_;
};

namespace detail {
template <class T>
Task<T> TaskPromise<T>::get_return_object() {
    return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
    return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}
}  // namespace detail

/// Owns tasks that run side by side with their owner (a session's, a channel's). Destroying it destroys those that
/// have not ended, wherever they wait. A task that ends is freed at the end of the turn. An exception that leaves a
/// task is logged as an error and ends that task only.
class TaskScope {
  public:
    /// What the tasks log is of `call`; with none, of the call in which each was spawned.
    explicit TaskScope(Loop& loop, CallId call = {});
    TaskScope(const TaskScope&) = delete;
    TaskScope& operator=(const TaskScope&) = delete;
    ~TaskScope() { cancel_all(); }

    /// Starts `task` at once, up to its first suspension.
    void spawn(Task<void> task);
    /// Destroys every task that has not ended. Not to be called from within one of them.
    void cancel_all();
    [[nodiscard]] bool empty() const;

  private:
    struct Root;
    struct State;
    static Task<void> run(Task<void> task, std::weak_ptr<State> state, Root* root, Loop& loop);
    Loop& loop_;
    CallId call_;
    std::shared_ptr<State> state_;
};

/// Values waiting for one coroutine, in order. Whoever sends keeps only a reference whose end the owner announces.
/// One coroutine at a time may wait.
template <class T>
class Mailbox {
  public:
    explicit Mailbox(Loop& loop) : loop_(loop) {}
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    /// Adds a value; the waiting coroutine resumes later in this turn.
    void send(T value) {
        values_.push_back(std::move(value));
        if (waiter_ && !woken_) {
            woken_ = true;
            loop_.ready(waiter_);
        }
    }
    [[nodiscard]] bool empty() const { return values_.empty(); }
    [[nodiscard]] std::size_t size() const { return values_.size(); }
    void clear() { values_.clear(); }
    /// The next value, if one is there already.
    std::optional<T> try_next() {
        if (values_.empty()) return std::nullopt;
        std::optional<T> value(std::move(values_.front()));
        values_.pop_front();
        return value;
    }

    struct Next {
        Mailbox& box;
        bool await_ready() const { return !box.values_.empty(); }
        void await_suspend(std::coroutine_handle<> coroutine) { box.wait(coroutine); }
        T await_resume() {
            box.waiter_ = {};
            T value = std::move(box.values_.front());
            box.values_.pop_front();
            return value;
        }
        explicit Next(Mailbox& b) : box(b) {}
        Next(const Next&) = delete;
        Next& operator=(const Next&) = delete;
        ~Next() { box.leave(); }
    };
    struct NextBefore {
        Mailbox& box;
        TimePoint deadline;
        Timer timer;
        bool await_ready() const { return !box.values_.empty(); }
        void await_suspend(std::coroutine_handle<> coroutine) {
            box.wait(coroutine);
            timer.start_at(deadline, [this] {
                if (!box.waiter_ || box.woken_) return;
                box.woken_ = true;
                box.loop_.ready(box.waiter_);
            });
        }
        std::optional<T> await_resume() {
            box.waiter_ = {};
            timer.cancel();
            return box.try_next();
        }
        NextBefore(Mailbox& b, TimePoint d) : box(b), deadline(d), timer(b.loop_) {}
        NextBefore(const NextBefore&) = delete;
        NextBefore& operator=(const NextBefore&) = delete;
        ~NextBefore() { box.leave(); }
    };

    /// Waits for the next value.
    [[nodiscard]] Next next() { return Next(*this); }
    /// Waits for the next value until `deadline`; nothing if none came. A value that is there is given even when the
    /// deadline has passed.
    [[nodiscard]] NextBefore next_before(TimePoint deadline) { return NextBefore(*this, deadline); }
    /// The same with a length of time from now.
    [[nodiscard]] NextBefore next_within(Duration time) { return NextBefore(*this, loop_.now() + time); }

  private:
    void wait(std::coroutine_handle<> coroutine) {
        waiter_ = Waiting(coroutine);
        woken_ = false;
    }
    void leave() {
        if (waiter_ && woken_) loop_.forget(waiter_);
        waiter_ = {};
        woken_ = false;
    }
    Loop& loop_;
    std::deque<T> values_;
    Waiting waiter_;
    bool woken_ = false;
};

/// Suspends for a length of time.
class Sleep {
  public:
    Sleep(Loop& loop, Duration time) : loop_(loop), time_(time), timer_(loop) {}
    ~Sleep() {
        if (waiter_ && due_) loop_.forget(waiter_);
    }
    Sleep(const Sleep&) = delete;
    Sleep& operator=(const Sleep&) = delete;
    bool await_ready() const { return time_ <= Duration::zero(); }
    void await_suspend(std::coroutine_handle<> coroutine) {
        waiter_ = Waiting(coroutine);
        timer_.start(time_, [this] {
            due_ = true;
            loop_.ready(waiter_);
        });
    }
    void await_resume() { waiter_ = {}; }

  private:
    Loop& loop_;
    Duration time_;
    Timer timer_;
    Waiting waiter_;
    bool due_ = false;
};
[[nodiscard]] inline Sleep sleep_for(Loop& loop, Duration time) { return {loop, time}; }

/// Lets everything else that is ready run first; long chains without a wait (a Goto loop) call it now and then.
struct Yield {
    Loop& loop;
    Waiting waiter{};
    explicit Yield(Loop& l) : loop(l) {}
    Yield(const Yield&) = delete;
    Yield& operator=(const Yield&) = delete;
    ~Yield() {
        if (waiter) *alive = false;
    }
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) {
        waiter = Waiting(coroutine);
        // Through post, not ready: the loop must reach its sockets in between.
        loop.post([&l = loop, next = waiter, still = alive] {
            if (*still) l.ready(next);
        });
    }
    void await_resume() { waiter = {}; }
};

/// Runs `work` on the blocking pool and gives its result: auto row = co_await run_blocking(loop, [..] { return ...; });
/// `work` must own all that it touches: the awaiting coroutine may be destroyed meanwhile.
template <class F>
Task<std::invoke_result_t<F>> run_blocking(Loop& loop, F work) {
    using R = std::invoke_result_t<F>;
    static_assert(!std::is_void_v<R>, "return something, if only true");
    struct Shared {
        std::optional<R> result;
        std::exception_ptr error;
        Mailbox<bool>* box;
    };
    Mailbox<bool> box(loop);
    auto shared = std::make_shared<Shared>();
    shared->box = &box;
    struct Detach {
        Shared& s;
        ~Detach() { s.box = nullptr; }
    } detach{*shared};
    loop.blocking(
        [shared, work = std::move(work)]() mutable {
            try {
                shared->result.emplace(work());
            } catch (...) {
                shared->error = std::current_exception();
            }
        },
        [shared] {
            if (shared->box) shared->box->send(true);
        });
    co_await box.next();
    if (shared->error) std::rethrow_exception(shared->error);
    co_return std::move(*shared->result);
}

/// Runs a shell command; see Loop::command. The command goes on when the awaiting coroutine is destroyed meanwhile.
Task<CommandEnd> run_command(Loop& loop, CommandSpec spec);

}  // namespace asterism
