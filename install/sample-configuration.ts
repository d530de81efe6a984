/** The configuration that `guestgate install` leaves where there is none: all of it commented out. */
export const sampleConfiguration = `# guestgate: what of this host's public side belongs to which guest.
# After a change: guestgate apply      To look for mistakes: guestgate check
# More files like this one may stand in guests.d/*.toml.

#[host]
#interface  = "eth0"              # the public side; default: the default route's
#address    = "203.0.113.10"      # where forwards without an address are reachable; default: all of this host's
#backend    = "auto"              # what the rules are made with: "nftables" or "iptables"; auto: nftables where it can be
#metadata   = true                # forwards in a domain's XML count too
#reserved   = ["22"]              # host ports that no guest may take by its XML

# One public address: its ports are split among the guests.
#[guest.web]                      # name or UUID, as virsh list shows it
#forward    = ["80", "8443:443"]  # as docker -p: [address:]port[-port]:guest-port[/udp]; of IPv4 and IPv6, as the guest has

#[guest.dns]
#address    = ["192.168.122.53", "fd00:122::53"]    # default: found in XML, DHCP reservations, leases
#forward    = ["53/tcp+udp", { port = "5353", to = "53", protocol = "tcp", from = ["198.51.100.0/24"] }]
#allow_from = ["198.51.100.0/24", "2001:db8:7::/48"] # who may use the forwards; default: everybody

# A guest of Xen that its neighbours on the bridge do not concern. What it may send from stands at ip= of its vif.
#[guest.xen]
#isolated   = true

# Several public addresses: one of them is all the guest's, in both directions.
#[guest.mail]
#public_address = "203.0.113.12"  # or several: ["203.0.113.12", "2001:db8::12"]
#on_error   = "deny"              # the guest may not start if this cannot be done

# A guest whose own address others have a route to: its ports are admitted, nothing is translated.
#[guest.shop]
#open       = ["443", { port = "22", from = ["2001:db8:7::/48"], rate = "10/minute", connections = 3 }]

# A guest with interfaces on several networks: network, mac or nic (1 is the first) chooses one, for the guest or for a forward.
#[guest.router]
#network    = "dmz"
#forward    = ["443", { port = "2222", to = "22", network = "management" }]

# What all guests of a libvirt network leave with, unless they have an address of their own.
#[network.default]
#snat       = "203.0.113.9"
`;
