# pinx
