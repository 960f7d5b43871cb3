"""The APIs of feeds: each client brings a query's rows to disk as files that the feed's reader reads.

A client knows paging, patience and who may ask; it reads no rows, and a reader asks no server.
"""
