"""The whole record as one archive that needs no program of ours to be read.

``kinds`` says what is in the record and what is not, ``lists`` are its tables for
people, ``readme`` explains it to a stranger, ``writing`` makes the archive as it is
sent, and ``verifying`` checks one without a database.
"""
