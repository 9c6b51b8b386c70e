"""The HIM seat: make each record complete, rightly coded and protected."""

name = "him"
title = "Health information management"
statement = "make each record complete, rightly coded and protected"
