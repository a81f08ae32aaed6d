"""Physical simulation of failovers: writes bundles (DESIGN section 6) and, beside each, the truth.

It shares no code with the product: an error made twice must be made by two people. Everything
happens on one true time line in UTC; each clock then stamps it in its own way.

``truth.json`` holds ``kind``, ``expected``, ``why`` and, for several incidents, ``each`` (one
``expected`` an incident, in the order of time). In ``expected``, ``backup``, ``cause``,
``lost_node``, ``mechanism`` and ``confidence`` are lists of acceptable answers, ``confidence`` may
be null (not looked at); ``stun`` is the causing stun in true UTC when the bundle lets it be
measured, else null (not looked at); ``at`` is the true moment of the removal or loss.
"""
