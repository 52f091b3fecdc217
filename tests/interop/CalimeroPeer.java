// A Calimero client, told what to do by flat JSON lines; prints events as JSON lines.
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Scanner;
import java.util.regex.Pattern;

import tuwien.auto.calimero.CloseEvent;
import tuwien.auto.calimero.DetachEvent;
import tuwien.auto.calimero.GroupAddress;
import tuwien.auto.calimero.IndividualAddress;
import tuwien.auto.calimero.SerialNumber;
import tuwien.auto.calimero.knxnetip.SecureConnection;
import tuwien.auto.calimero.knxnetip.TcpConnection;
import tuwien.auto.calimero.link.KNXNetworkLinkIP;
import tuwien.auto.calimero.link.medium.TPSettings;
import tuwien.auto.calimero.mgmt.LocalDeviceManagementIp;
import tuwien.auto.calimero.process.ProcessCommunicatorImpl;
import tuwien.auto.calimero.process.ProcessEvent;
import tuwien.auto.calimero.process.ProcessListener;
import tuwien.auto.calimero.secure.Keyring;
import tuwien.auto.calimero.secure.SecureApplicationLayer;
import tuwien.auto.calimero.secure.Security;

public class CalimeroPeer {
    private static final Pattern MEMBER = Pattern.compile("\"(\\w+)\": \"((?:[^\"\\\\]|\\\\.)*)\"");

    private static final long BEGIN_OF_SEQUENCES = 1515110400000L; // 2018-01-05; it leaves numbers to its owner

    private TcpConnection connection;
    private TcpConnection.SecureSession session;
    private KNXNetworkLinkIP link;
    private ProcessCommunicatorImpl groups;

    private static String quoted(Object value) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : String.valueOf(value).toCharArray()) {
            out.append(c < ' ' || c == '"' || c == '\\' || c > '~' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
        }
        return out.append('"').toString();
    }

    private static synchronized void tell(String event, Object... members) {
        StringBuilder out = new StringBuilder("{\"event\": " + quoted(event));
        for (int i = 0; i < members.length; i += 2) {
            out.append(", ").append(quoted(members[i])).append(": ").append(quoted(members[i + 1]));
        }
        System.out.println(out.append('}'));
    }

    private static Map<String, String> parsed(String line) {
        Map<String, String> order = new HashMap<>();
        MEMBER.matcher(line).results().forEach(m -> order.put(m.group(1), m.group(2)));
        return order;
    }

    private static void tellTelegram(String kind, ProcessEvent e) {
        tell("telegram", "kind", kind, "source", e.getSourceAddr(), "group", e.getDestination(), "value",
                HexFormat.of().formatHex(e.getASDU()));
    }

    private final class Listener implements ProcessListener {
        @Override
        public void groupReadRequest(ProcessEvent e) {
            tellTelegram("read", e);
        }

        @Override
        public void groupReadResponse(ProcessEvent e) {
            tellTelegram("response", e);
        }

        @Override
        public void groupWrite(ProcessEvent e) {
            tellTelegram("write", e);
        }

        @Override
        public void detached(DetachEvent e) {
        }
    }

    private static InetSocketAddress local() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static InetSocketAddress server(Map<String, String> order) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(order.get("port")));
    }

    private void openSession(Map<String, String> order) {
        connection = TcpConnection.newTcpConnection(local(), server(order));
        byte[] device = order.containsKey("device")
                ? SecureConnection.hashDeviceAuthenticationPassword(order.get("device").toCharArray()) : new byte[0];
        session = connection.newSecureSession(Integer.parseInt(order.get("user")),
                SecureConnection.hashUserPassword(order.get("password").toCharArray()), device);
    }

    private void connect(Map<String, String> order) throws Exception {
        TPSettings medium = new TPSettings(new IndividualAddress(order.getOrDefault("address", "0.0.0")));
        switch (order.get("transport")) {
        case "udp" -> link = KNXNetworkLinkIP.newTunnelingLink(local(), server(order), order.containsKey("nat"), medium);
        case "tcp" -> {
            connection = TcpConnection.newTcpConnection(local(), server(order));
            link = KNXNetworkLinkIP.newTunnelingLink(connection, medium);
        }
        default -> {
            openSession(order);
            link = KNXNetworkLinkIP.newSecureTunnelingLink(session, medium);
        }
        }
        Security security = Security.newSecurity();
        if (order.containsKey("keyring")) {
            security.useKeyring(Keyring.load(order.get("keyring")), order.get("secret").toCharArray());
        }
        link.addLinkListener(new tuwien.auto.calimero.link.NetworkLinkListener() {
            @Override
            public void linkClosed(CloseEvent e) {
                tell("closed", "reason", e.getReason(), "initiator", e.getInitiator());
            }
        });
        long sequence = System.currentTimeMillis() - BEGIN_OF_SEQUENCES;
        SecureApplicationLayer secure = new SecureApplicationLayer(link, security, SerialNumber.Zero,
                new SecureApplicationLayer.SequenceNumbers(sequence, sequence, Map.of(), Map.of()));
        groups = new ProcessCommunicatorImpl(link, secure, false);
        groups.addProcessListener(new Listener());
        tell("connected", "address", link.getKNXMedium().getDeviceAddress());
    }

    private void read(Map<String, String> order) throws Exception {
        GroupAddress group = new GroupAddress(order.get("group"));
        Object value = switch (order.get("kind")) {
        case "bool" -> groups.readBool(group);
        case "float" -> groups.readFloat(group);
        default -> groups.readString(group);
        };
        tell("value", "group", group, "value", value);
    }

    private void write(Map<String, String> order) throws Exception {
        GroupAddress group = new GroupAddress(order.get("group"));
        switch (order.get("kind")) {
        case "bool" -> groups.write(group, Boolean.parseBoolean(order.get("value")));
        case "float" -> groups.write(group, Double.parseDouble(order.get("value")), false);
        default -> groups.write(group, order.get("value"));
        }
        tell("written");
    }

    private void many(Map<String, String> order) throws Exception {
        GroupAddress group = new GroupAddress(order.get("group"));
        for (int n = 0; n < Integer.parseInt(order.get("count")); n++) {
            groups.write(group, n / 100.0, false);
        }
        tell("written");
    }

    private void manage(Map<String, String> order) throws Exception {
        LocalDeviceManagementIp management = switch (order.get("transport")) {
        case "udp" -> LocalDeviceManagementIp.newAdapter(local(), server(order), false, false, e -> { });
        case "tcp" -> {
            connection = TcpConnection.newTcpConnection(local(), server(order));
            yield LocalDeviceManagementIp.newAdapter(connection, e -> { });
        }
        default -> {
            openSession(order);
            yield LocalDeviceManagementIp.newSecureAdapter(session, e -> { });
        }
        };
        try (management) {
            byte[] octets = management.getProperty(Integer.parseInt(order.get("index")),
                    Integer.parseInt(order.get("property")), 1, Integer.parseInt(order.get("elements")));
            tell("property", "value", HexFormat.of().formatHex(octets));
        } finally {
            disconnect();
        }
    }

    private void disconnect() {
        if (groups != null) {
            groups.detach();
        }
        if (link != null) {
            link.close();
        }
        if (session != null) {
            session.close();
        }
        if (connection != null) {
            connection.close();
        }
        groups = null;
        link = null;
        session = null;
        connection = null;
        tell("gone");
    }

    private void obey(Map<String, String> order) throws Exception {
        switch (order.get("do")) {
        case "connect" -> connect(order);
        case "read" -> read(order);
        case "write" -> write(order);
        case "many" -> many(order);
        case "manage" -> manage(order);
        default -> disconnect();
        }
    }

    private static String reasons(Throwable error) {
        return error == null ? "" : error.getClass().getSimpleName() + ": " + error.getMessage() + "; " + reasons(error.getCause());
    }

    public static void main(String[] arguments) {
        CalimeroPeer peer = new CalimeroPeer();
        tell("ready");
        Scanner orders = new Scanner(System.in);
        while (orders.hasNextLine()) {
            try {
                peer.obey(parsed(orders.nextLine()));
            } catch (Exception error) {
                tell("error", "reason", reasons(error));
            }
        }
        System.exit(0);
    }
}
