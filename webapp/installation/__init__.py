"""Getting the files of networks that agelens may not bring along, every one of them checked."""
