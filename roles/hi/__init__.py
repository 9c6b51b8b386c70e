"""The HI seat: work with the hospital's tables."""

name = "hi"
title = "Health informatics"
statement = "build the systems and reports that use it"
