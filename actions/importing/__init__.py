"""From what was understood of old minutes to a meeting with all that belongs to it.

``propose`` sets what was read beside what the registers know and says what is doubtful;
a person decides; ``save`` writes all of it or nothing.
"""
