"""Queues for many hosts at once: two tasks at a time for each, and an end that waits for
no server."""

import threading

import pytest

from indexer.fetch.host_queues import HostQueues
from indexer.fetch.turns import AT_ONCE


def url(host: int, number: int) -> str:
    return f"https://host{host}.example/{number}"


def test_every_task_gives_its_result_once():
    tasks = [url(host, number) for host in range(40) for number in range(7)]
    queues = HostQueues(lambda task: task.upper(), lambda task: task)
    assert sorted(queues.run(tasks)) == sorted(task.upper() for task in tasks)
    assert list(HostQueues(str, str).run([])) == []


def test_at_most_two_at_once_a_host():
    lock, now, most = threading.Lock(), {}, {}

    def work(task: str) -> str:
        host = task.split("/")[2]
        with lock:
            now[host] = now.get(host, 0) + 1
            most[host] = max(most.get(host, 0), now[host])
        threading.Event().wait(0.005)
        with lock:
            now[host] -= 1
        return task

    tasks = [url(host, number) for host in range(3) for number in range(20)]
    assert len(list(HostQueues(work, lambda task: task).run(tasks))) == 60
    assert most == dict.fromkeys(most, AT_ONCE)


def test_the_blogs_of_one_platform_share_their_lanes():
    lock, now, most = threading.Lock(), [], []

    def work(task: str) -> str:
        with lock:
            now.append(task)
            most.append(len(now))
        threading.Event().wait(0.002)
        with lock:
            now.remove(task)
        return task

    tasks = [f"https://blog{n}.pages.example/" for n in range(100)]
    assert len(list(HostQueues(work, lambda task: task).run(tasks))) == 100
    assert max(most) == AT_ONCE


def test_a_slow_host_holds_up_no_other():
    release = threading.Event()

    def work(task: str) -> str:
        if "host0" in task:
            assert release.wait(30)
        return task

    tasks = [url(host, number) for host in range(5) for number in range(50)]
    results = HostQueues(work, lambda task: task).run(tasks)
    quick = [next(results) for _ in range(200)]
    assert not [task for task in quick if "host0" in task]
    release.set()
    assert len(list(results)) == 50


def test_leaving_early_stops_what_has_not_begun_and_waits_for_nothing():
    release, begun = threading.Event(), []

    def work(task: str) -> str:
        begun.append(task)
        if task != url(0, 0):
            release.wait(30)
        return task

    results = HostQueues(work, lambda task: task).run([url(0, n) for n in range(100)])
    assert next(results) == url(0, 0)
    results.close()  # returns although two tasks still run
    count = len(begun)
    assert count <= 1 + 2 * AT_ONCE
    release.set()
    for thread in threading.enumerate():
        if thread.name == "host queue":
            thread.join(10)
    assert len(begun) <= count + AT_ONCE


def test_nothing_is_worked_ahead_without_bound():
    begun = []

    def work(task: str) -> str:
        begun.append(task)
        return task

    results = HostQueues(work, lambda task: task).run(
        [url(n % 30, n) for n in range(500)]
    )
    next(results)
    threading.Event().wait(0.3)
    assert len(begun) < 120
    results.close()


def test_what_work_raises_comes_out_where_the_results_are_read():
    def work(task: str) -> str:
        raise ZeroDivisionError(task)

    with pytest.raises(ZeroDivisionError, match="host0"):
        list(HostQueues(work, lambda task: task).run([url(0, 0)]))
