#!/bin/sh
# Reports a guest of Linux-VServer to guestgate. util-vserver runs this as a scriptlet, with the event and the name of the guest:
# initialize, prepre-start, pre-start, post-start, pre-stop, post-stop. prepre-start makes the interfaces of the guest in its shared network
# namespace and applies its policy; post-stop removes both. A prepre-start that fails ends the start of the guest.
[ -x /usr/bin/guestgate ] || exit 0
case $1 in
prepre-start | post-stop)
    # util-vserver calls it in the folder of the guest, which may be on a file system that is about to go.
    cd / || exit 1
    exec /usr/bin/guestgate vserver "$1" "$2"
    ;;
esac
