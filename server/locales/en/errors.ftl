# What the system says, shorter. Errors of the centre speak English by themselves.

io-address-in-use = another program uses this address
io-address-not-here = this machine does not have that address
io-already-exists = it is there already
io-is-a-folder = it is a folder
io-not-a-folder = it is no folder
io-not-found = it is not there
io-permission-advice = permission denied: the user who runs this command must own it, or be let into it and every folder above
io-permission-denied = permission denied
io-read-only = the disk is read-only
io-storage-full = the disk is full
io-too-large = it is too large
