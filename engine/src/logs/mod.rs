//! Logs: one writer each, numbered lines, committed before they are shown.
