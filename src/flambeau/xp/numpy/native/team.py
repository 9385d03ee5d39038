"""The worker threads of native kernels, in the language of `language.py`.

Waking a thread that sleeps takes some 50 µs, longer than most kernels run; so a worker that has done its share waits
for the next in a loop for a while (`SPINS`), and sleeps only then. `state` is memory that all see, in lines of 64
bytes:

- 8: how many workers have not finished the task
- 16 to 19: the kernel's address, where its arguments lie, the size of its work, among how many it is divided
- 20: how many workers had to be woken, whose numbers follow from 32 on
- from `first` on, a line for each worker: whether it sleeps, the last task that it knows, the task
  that it is to do
"""

from __future__ import annotations

from .words import Ints, atomic_add, atomic_load, atomic_swap, give_way, pause, run


def own_share(state: Ints, number):
    count = state[18]
    shares = state[19]
    run(state[16], number * count // shares, (number + 1) * count // shares, number, state[17])


def work(begin, end, part, state: Ints, first, spins):
    """Worker `part`: do tasks until none has come for a while. `first`: where the lines of the workers begin."""
    line = state[first + 8 * part :]
    last = line[1]
    waited = 0
    while waited <= spins:
        if atomic_load(line, 2) != last:
            last = atomic_load(line, 2)
            own_share(state, part)
            atomic_add(state, 8, -1)
            waited = 0
        else:
            if waited < spins // 2:
                pause()
            else:
                give_way()
            waited += 1
            if waited > spins:
                atomic_swap(line, 0, 1)
                # a task that came meanwhile: whoever takes the mark back decides
                came = atomic_load(line, 2) != last
                if came:
                    came = atomic_swap(line, 0, 0) == 1
                if came:
                    waited = 0
    line[1] = last


def wait(state: Ints, spins):
    """Until all workers have finished; after a while so that one of them may have this processor."""
    waited = 0
    while atomic_load(state, 8) != 0:
        if waited < spins:
            pause()
            waited += 1
        else:
            give_way()


def start(begin, end, part, state: Ints, first, shares, kernel, given, count, spins):
    """Begin a task. Without workers to wake, do one's own share and wait for the others."""
    state[16] = kernel
    state[17] = given
    state[18] = count
    state[19] = shares
    atomic_swap(state, 8, shares - 1)
    asleep = 0
    for n in range(1, shares):
        line = state[first + 8 * n :]
        atomic_add(line, 2, 1)
        if atomic_swap(line, 0, 0) == 1:
            state[32 + asleep] = n
            asleep += 1
    state[20] = asleep
    if asleep == 0:
        own_share(state, 0)
        wait(state, spins)


def finish(begin, end, part, state: Ints, spins):
    """Do one's own share, and wait for the others."""
    own_share(state, 0)
    wait(state, spins)
