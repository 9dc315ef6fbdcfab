package main

// Main is the program, for scripts that run it in the test binary.
var Main = main
