"""`make bench`: what our tickets cost beside a peer and beside the bare model, in one run.

======================= ==========================================================
`__main__`              the command: database, peer, run, report
`peer`                  fetches the peer from the Python index
`contenders`            the three ticket models, and what each calls its things
`fill`                  as many tickets as wanted, alike for all, in seconds
`works`                 the pieces of work that are measured, and their targets
`sla`                   passes of alerts among ever more open tickets, and deadlines
`measure`               one piece of work at a time, in turn, each in a fresh transaction
`report`                table, verdicts, docs/bench.md
`addons/bench_floor`    the bare model
======================= ==========================================================
"""
