/** The configuration that `guestgate install` leaves where there is none: all of it commented out. */
export const sampleConfiguration = `# guestgate: which ports and addresses of this host lead to which guest.
# Apply a change: guestgate apply      Find mistakes: guestgate check
# guestgate also reads guests.d/*.toml.

#[host]
#interface  = "eth0"              # the public side; default: the default route's
#address    = "203.0.113.10"      # where forwards without an address are reachable; default: all of this host's
#backend    = "auto"              # "nftables" or "iptables"; auto: nftables, or iptables where there is no nft
#metadata   = true                # forwards in a domain's XML count too
#reserved   = ["22"]              # host ports that no guest may take by its XML

# One public address: the guests share its ports.
#[guest.web]                      # name or UUID, as virsh list shows it
#forward    = ["80", "8443:443"]  # as docker -p: [address:]port[-port]:guest-port[/udp]; IPv4 and IPv6, as the guest has

#[guest.dns]
#address    = ["192.168.122.53", "fd00:122::53"]    # default: found in XML, DHCP reservations, leases
#forward    = ["53/tcp+udp", { port = "5353", to = "53", protocol = "tcp", from = ["198.51.100.0/24"] }]
#deny_from  = ["198.51.100.7"]     # who may not use them; default: no source
#allow_from = ["198.51.100.0/24", "2001:db8:7::/48"] # who may use the forwards; default: all sources

# A Xen guest isolated from the other guests on its bridge. ip= of its vif lists the addresses that it may send from.
#[guest.xen]
#isolated   = true

# Several public addresses: one of them belongs to the guest, in both directions.
#[guest.mail]
#public_address = "203.0.113.12"  # or several: ["203.0.113.12", "2001:db8::12"]
#absent     = "drop"              # while the guest is off, drop packets to the address; "host": the host's services get them
#on_error   = "deny"              # refuse the guest's start if this cannot be done

# A guest with a routed address of its own: its ports are admitted, nothing is translated.
#[guest.shop]
#open       = ["443", { port = "22", from = ["2001:db8:7::/48"], rate = "10/minute", connections = 3 }]

# A guest with interfaces on several networks: network, mac or nic (1 is the first) chooses one, for the guest or for a forward.
#[guest.router]
#network    = "dmz"
#forward    = ["443", { port = "2222", to = "22", network = "management" }]

# The source address of all guests of a libvirt network that have none of their own.
#[network.default]
#snat       = "203.0.113.9"

# A bridge that libvirt does not run: its guests leave with the address of the uplink, and reach DHCP and DNS of the host.
#[network.br0]
#masquerade = true
`;
