/* What the first process of a sandbox does, in its new namespaces: it says `ready`, and stays until its stdin ends. */

/** What makes the host; $1 is the checkout, $2 what lies over /usr/bin, with a colon behind it. */
export const setup = `
set -e
mount --make-rprivate /
cd "$1"
mkdir -p /tmp; mount -t tmpfs tmpfs /tmp
for folder in /etc /usr/bin /usr/sbin /usr/local /usr/lib/systemd /usr/share /var; do
  top=/tmp/.sandbox$folder; mkdir -p $top/up $top/work; layers=$folder
  [ $folder != /usr/bin ] || layers=$2$folder
  mount -t overlay overlay -o lowerdir=$layers,upperdir=$top/up,workdir=$top/work $folder
done
mount -t tmpfs tmpfs /run; mkdir -p /run/lock /run/netns
mount -t sysfs sysfs /sys
# A checkout in /tmp has just been covered.
[ -e "$1/package.json" ] || { mkdir -p "$1"; mount --no-canonicalize --bind . "$1"; }
cd /
ip link set lo up
echo ready
exec env --ignore-signal=CHLD cat >/dev/null # the kernel buries its children: nobody waits for them
`;

/** The same with another system than the machine's, in folder $2: all but the checkout is that system's, written to in memory. */
export const setupRoot = `
set -e
mount --make-rprivate /
# A checkout in /tmp is about to be covered.
exec 3<"$1"; cd "$2"
mount -t tmpfs tmpfs /tmp; mkdir /tmp/up /tmp/work /tmp/root
mount -t overlay overlay -o lowerdir=.,upperdir=/tmp/up,workdir=/tmp/work /tmp/root
cd /tmp/root
mount -t proc proc proc; mount -t sysfs sysfs sys; mount --rbind /dev dev
mount -t tmpfs tmpfs run; mkdir -p run/lock run/netns
mount -t tmpfs tmpfs tmp
mkdir -p ".$1"; mount --no-canonicalize --bind /proc/self/fd/3 ".$1"; exec 3<&-
cp usr/share/base-passwd/passwd.master etc/passwd; cp usr/share/base-passwd/group.master etc/group
echo 'libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin' >>etc/passwd
printf 'kvm:x:64054:\\nlibvirt-qemu:x:64055:\\nlibvirt:x:64056:\\n' >>etc/group
rm -rf var/run; ln -s /run var/run
ip link set lo up
touch .unpacked
mkdir .old
# Not chroot: whoever enters later is to find no other root, at no time.
pivot_root . .old
exec chroot . sh -ec 'cd /; umount -l /.old; rmdir /.old; echo ready; exec env --ignore-signal=CHLD cat >/dev/null'
`;
