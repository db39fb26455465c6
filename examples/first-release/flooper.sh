#!/bin/sh
# The smallest package: VMs receive this one file.
echo "flooper $(hostname)"
