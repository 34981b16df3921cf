"""The turnstile before searches: few at once, words before pictures, nobody for ever."""

import threading
import time

from ipatent.web.turnstile import Turnstile


def until(condition, seconds=10.0):
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it never came to be"
        time.sleep(0.001)


class Queue:
    """Callers that note when they got in."""

    def __init__(self, places):
        self.turnstile = Turnstile(places)
        self.order, self.threads = [], []

    def come(self, name, patience=0.0):
        before = self.turnstile.waiting

        def enter():
            with self.turnstile.passage(patience):
                self.order.append(name)

        thread = threading.Thread(target=enter)
        thread.start()
        self.threads.append(thread)
        until(lambda: self.turnstile.waiting == before + 1)

    def end(self):
        for thread in self.threads:
            thread.join(10)
            assert not thread.is_alive()


def test_no_more_are_let_in_than_there_are_places():
    turnstile, lock = Turnstile(2), threading.Lock()
    inside, most = 0, 0

    def work():
        nonlocal inside, most
        with turnstile.passage():
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.01)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert most == 2
    assert inside == 0


def test_words_pass_pictures_that_came_a_moment_earlier():
    queue = Queue(1)
    with queue.turnstile.passage():
        queue.come("picture", patience=60)
        queue.come("words")
        queue.come("more words")
    queue.end()
    assert queue.order == ["words", "more words", "picture"]


def test_a_picture_is_not_passed_by_words_that_come_after_its_patience():
    queue = Queue(1)
    with queue.turnstile.passage():
        queue.come("picture", patience=0.02)
        time.sleep(0.05)
        queue.come("words")
    queue.end()
    assert queue.order == ["picture", "words"]


def test_the_place_of_a_search_that_failed_is_free_again():
    turnstile = Turnstile(1)
    try:
        with turnstile.passage():
            raise ValueError
    except ValueError:
        pass
    with turnstile.passage():
        assert turnstile.waiting == 0
