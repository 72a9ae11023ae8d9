"""The engines: each module is run as a process, prints its port as JSON, and serves until it is
told to end.

    onecall            OneCall as `ivr serve` runs it: flow language, journal, event log, store
    bare               a BufferedProtocol and a coroutine: the least that Python can do
    streams            asyncio streams
    panoramisk_agi     panoramisk's FastAGI server
    pyst2_agi          pyst2's AGI class, a thread a call

The peers play a bare script: no flow language, nothing written.
"""
