# Jobs on Ruby's mysql2, logged by Ruby's Logger with class and backtrace.
require 'logger'
require 'mysql2'

$stdout.sync = true
ENV['TZ'] = 'UTC'
LOG = Logger.new(File.open(ENV.fetch('LAB_LOG'), 'a').tap { |f| f.sync = true })

def open_connection
  options = { username: ENV['LAB_USER'], password: ENV['LAB_PASSWORD'], database: 'shop', connect_timeout: 5 }
  if ENV['LAB_SOCKET']
    options[:socket] = ENV['LAB_SOCKET']
  else
    options.update(host: ENV['LAB_HOST'], port: ENV['LAB_PORT'].to_i)
  end
  options.update(ssl_mode: :required, sslverify: false, sslca: ENV['LAB_CA']) if ENV['LAB_TLS']
  Mysql2::Client.new(options)
end

connection = nil
while (line = $stdin.gets)
  what, sql = line.chomp.split("\t", 2)
  if sql.empty?
    connection&.close
    connection = nil
    puts 'done'
    next
  end
  begin
    connection ||= open_connection
    connection.query(sql)&.to_a
    LOG.info("#{what} done")
    puts 'done'
  rescue Mysql2::Error => e
    LOG.error("#{what} failed: #{e.class}: #{e.message}\n#{e.backtrace.map { |l| "\t#{l}" }.join("\n")}")
    connection = nil
    puts 'failed'
  end
end
