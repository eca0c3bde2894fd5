import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Jobs on MariaDB Connector/J behind a HikariCP pool of one; slf4j-simple logs to a file. */
public class Jobs {
    private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);

    public static void main(String[] words) throws Exception {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url());
        config.setUsername(System.getenv("LAB_USER"));
        config.setPassword(System.getenv("LAB_PASSWORD"));
        config.setMaximumPoolSize(1);
        config.setConnectionTimeout(3000);
        config.setValidationTimeout(1000);
        config.setInitializationFailTimeout(-1);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            // A job that keeps its connection, as a long transaction or a batch does.
            Connection held = null;
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
            for (String line; (line = input.readLine()) != null; ) {
                String[] parts = line.split("\t", 2);
                if (parts[1].isEmpty()) {
                    if (held != null) pool.evictConnection(held);
                    held = null;
                    System.out.println("done");
                    continue;
                }
                try {
                    if (held == null) held = pool.getConnection();
                    try (Statement statement = held.createStatement()) {
                        statement.execute(parts[1]);
                    }
                    LOG.info("{} done", parts[0]);
                    System.out.println("done");
                } catch (SQLException error) {
                    LOG.error(parts[0] + " failed", error);
                    if (held != null) held.close();
                    held = null;
                    System.out.println("failed");
                }
            }
            if (held != null) held.close();
        }
    }

    private static String url() {
        String url = "jdbc:mariadb://" + System.getenv("LAB_HOST") + ":" + System.getenv("LAB_PORT")
            + "/shop?connectTimeout=5000&allowPublicKeyRetrieval=true";
        if (System.getenv("LAB_TLS") != null) url += "&useSsl=true&trustServerCertificate=true";
        if (System.getenv("LAB_SOCKET") != null) url += "&localSocket=" + System.getenv("LAB_SOCKET");
        return url;
    }
}
