"""Every chart, once: plain data -> a Vega-Lite chart, for the page, the reports and ``--plot`` alike.

``forecasts``, ``lifetimes`` and ``scores`` hold the charts, ``chart`` their shape and look, ``drawing`` turns them into SVG, PNG and
HTML. Import them where a chart is drawn: Altair takes seconds.
"""
