# Trợ giúp: mỗi lệnh một mục, mỗi tham số một thuộc tính của mục ấy. Tiếng Anh là lời chú ngay trong mã nguồn.

# Dùng chung cho nhiều lệnh.
shared-round = Đợt lấy phiếu, khi có nhiều hơn một đợt.
shared-units = Chỉ những đơn vị này, cách nhau bằng dấu phẩy.
shared-new-file = Tệp sẽ ghi; chưa được có tệp ấy.
shared-login = Tên đăng nhập của người ấy.
shared-bundle = Gói số liệu của đợt, do `export` ghi ra.
shared-name = Họ và tên.
shared-role = Vai trò: administrator (quản trị), organiser (tổ chức), inspector (kiểm tra), unit (đơn vị), official (người được lấy phiếu), observer (theo dõi), trustee (người giữ khóa). Nhiều vai trò thì cách nhau bằng dấu phẩy.
shared-unit = Đơn vị mà người có vai trò `unit` làm việc.
shared-votes-in = Đơn vị nơi người ấy bỏ phiếu, hoặc `none` nếu không ở đâu.
shared-rated-as = Các mã mà người ấy được lấy phiếu, cách nhau bằng dấu phẩy, hoặc `none` nếu không có.

homphieu = Hòm Phiếu: lấy phiếu kín ở nơi không có mạng.
    .data-dir = Thư mục của trung tâm: cơ sở dữ liệu và khóa.
    .config = Tệp thiết lập; nếu không ghi thì là `homphieu.toml` trong thư mục của trung tâm, khi có tệp ấy.
    .lang = Ngôn ngữ của trợ giúp và lời báo; nếu không ghi thì theo máy.
    .database-url = Cơ sở dữ liệu PostgreSQL (`postgres://người-dùng@máy/tên`) thay cho tệp trong thư mục của trung tâm.
    .log = Ghi nhật ký những gì, chẳng hạn `info` hoặc `warn,homphieu_server=debug`.

homphieu-serve = Chạy trung tâm.
    .listen = Địa chỉ và cổng phục vụ; cổng 0 là lấy một cổng trống. Khi trung tâm sẵn sàng, địa chỉ để mở được in ra. Không ghi thì là 0.0.0.0:8443 khi có TLS, 127.0.0.1:8080 khi không.
    .tls-cert = Chuỗi chứng thư dạng PEM, chứng thư của máy chủ đứng đầu; được đọc lại khi thay đổi hoặc khi có SIGHUP. Không ghi thì trung tâm dùng thứ `tls init` đã tạo.
    .tls-key = Khóa của chứng thư, dạng PEM không mật khẩu.
    .behind-proxy = Có proxy làm TLS: chỉ nhận HTTP không mã hóa từ proxy ấy, và tin X-Forwarded-For của nó.
    .proxy = Địa chỉ hoặc mạng của proxy, chẳng hạn 172.18.0.0/16, nếu nó không ở trên máy này.
    .backup-to = Tự sao lưu vào thư mục này. Hãy chọn đĩa khác.
    .backup-every = Bao lâu một lần, chẳng hạn 24h, 90m hoặc 3600s.
    .backup-recipient = Mã hóa cho người giữ khóa nào (age1…, xem `backup keygen`); mỗi khóa ghi một lần.
    .backup-keep = Giữ lại chừng này bản trong thư mục; bản cũ hơn bị xóa sau khi bản mới đã được kiểm tra.
homphieu-demo = Chạy thử trọn một đợt với danh sách mẫu, có cài lỗi, rồi so kết quả kiểm phiếu với những gì đã đánh dấu.
    .exit = Chạy xong thì thoát, không phục vụ tiếp để xem.
    .json = In bản tóm tắt cho máy đọc ở dòng cuối.
    .seed = Mầm ngẫu nhiên của mọi thứ được cài vào.
    .units = Số đơn vị tham gia, từ 5 đến 69.

homphieu-round = Chuẩn bị, theo dõi, mở và công bố một đợt lấy phiếu.
homphieu-round-import = Nhập danh sách đơn vị và người được lấy phiếu để lập một đợt.
    .workbook = Bảng tính (XLSX) có đơn vị và người được lấy phiếu.
    .units = Danh sách đơn vị dạng CSV, đi cùng --officials.
    .officials = Danh sách người được lấy phiếu dạng CSV.
    .title = Tên đợt lấy phiếu.
    .training = Đợt tập huấn: không tính gì cả.
    .attended = Các đơn vị bỏ phiếu không dùng tờ mã phiếu; tổ công tác mở máy cho từng phiếu.
    .batch-min = Số phiếu ít nhất cùng rời máy tính bảng trong một bao.
    .min-publish = Dưới số phiếu hợp lệ này thì không cho xem số liệu theo mức độ.
    .percent-base = Tỷ lệ phần trăm tính trên số nào: collected (thu về), summoned (triệu tập), present (có mặt), valid (hợp lệ).
    .levels = Một mức độ, viết `mã=nhãn tiếng Việt=nhãn tiếng Anh`, mức cao nhất trước; mỗi mức ghi một lần.
homphieu-round-permits = Rút mã phiếu, ghi các tờ mã phiếu thành trang để in, và giữ dấu của mã khi đã xác nhận in xong.
    .round = { shared-round }
    .units = { shared-units }
    .out = Trang sẽ ghi, nằm ngoài thư mục của trung tâm; nếu không ghi thì trang ra đầu ra chuẩn.
homphieu-round-sign = Ký gói đợt lấy phiếu với khóa công khai của những người giữ khóa.
    .round = { shared-round }
    .keys = Tệp khóa từ lễ tạo khóa (`keys make`).
    .sheets = Thư mục nhận mỗi đơn vị một trang để in, có danh sách và các chữ số mà tổ công tác phải gõ.
homphieu-round-open = Mở đợt để bỏ phiếu, hoặc mở lại khi đã đóng quá sớm.
    .round = { shared-round }
homphieu-round-close = Đóng đợt: những gì về sau được tạm giữ vì muộn.
    .round = { shared-round }
homphieu-round-status = Cho xem tình hình từng đơn vị.
    .round = { shared-round }
homphieu-round-holds = Cho xem những gì bị tạm giữ hoặc còn thiếu, chờ hai người quyết định.
    .round = { shared-round }
homphieu-round-decide = Ghi lại quyết định của hai người về điều bị tạm giữ hoặc còn thiếu.
    .round = { shared-round }
    .unit = Đơn vị.
    .admit = Tính bao phiếu đang tạm giữ này.
    .leave-out = Không tính bao phiếu đang tạm giữ này.
    .leave-unpublished = Để cả đơn vị không công bố, để đợt kết thúc được mà không có đơn vị ấy.
    .write-off = Coi như mất điều còn thiếu này, gọi đúng như `round holds` cho xem.
    .by = Tên đăng nhập của hai cán bộ kiểm tra; ghi hai lần. Mỗi người tự gõ mật khẩu của mình.
    .reason = Lý do.
homphieu-round-order = Lập lệnh mở phiếu tiếp theo của một đợt đã đóng.
    .round = { shared-round }
homphieu-round-accept = Nhận kết quả mà những người giữ khóa đã ký.
    .round = { shared-round }
    .result = Tệp kết quả của `count`.
homphieu-round-publish = Công bố các đơn vị không còn vướng gì.
    .round = { shared-round }
    .units = { shared-units }
    .login = Tên đăng nhập của cán bộ tổ chức đứng ra công bố; sẽ hỏi mật khẩu.
homphieu-round-finish = Kết thúc một đợt đã đóng: khi mọi thứ đã kiểm, đã quyết định, đã công bố và đã sao lưu, máy tính bảng và người chuyển được xóa. Không quay lại được.
    .round = { shared-round }
homphieu-round-results = In kết quả đã công bố.
    .round = { shared-round }
    .csv = In dạng CSV thay cho JSON.

homphieu-device = Mời, liệt kê và thu hồi máy tính bảng và người chuyển.
homphieu-device-enrol = Tạo mã một lần để một máy tính bảng hoặc người chuyển đăng ký; cho xem dạng chữ và QR.
    .round = { shared-round }
    .units = Các đơn vị mà máy tính bảng nhận phiếu, cách nhau bằng dấu phẩy.
    .courier = Chỉ chuyển; không nhận phiếu.
    .label = Tên cho người đọc, chẳng hạn "Máy 2".
    .address = Địa chỉ để thiết bị tới trung tâm. Khóa ghim của cơ quan chứng thực riêng được thêm vào địa chỉ https. Không ghi thì là địa chỉ đầu trong chứng thư của trung tâm, cổng 8443; chưa có chứng thư thì http://127.0.0.1:8080.
    .no-qr = Chỉ in chữ.
homphieu-device-list = Liệt kê máy tính bảng và người chuyển.
    .round = { shared-round }
homphieu-device-revoke = Thu hồi một thiết bị: từ nay bao phiếu của nó bị tạm giữ, không bao giờ bị xóa.
    .round = { shared-round }
    .device = Mã của thiết bị.
    .reason = Lý do.

homphieu-user = Người có tài khoản: thêm, đổi, đặt lại mật khẩu, cấp mã truy cập.
homphieu-user-add = Thêm một người; in mật khẩu một lần mà người ấy phải đổi khi đăng nhập lần đầu.
    .login = Tên gõ khi đăng nhập: chữ thường, chữ số, dấu chấm, gạch nối.
    .name = { shared-name }
    .role = { shared-role }
    .unit = { shared-unit }
    .votes-in = { shared-votes-in }
    .rated-as = { shared-rated-as }
homphieu-user-change = Khai lại một người được làm gì, bỏ phiếu và được lấy phiếu ở đâu.
    .login = { shared-login }
    .name = { shared-name }
    .role = { shared-role }
    .unit = { shared-unit }
    .votes-in = { shared-votes-in }
    .rated-as = { shared-rated-as }
    .disabled = Khóa tài khoản; không ghi thì tài khoản được mở.
homphieu-user-reset = Cấp mật khẩu một lần mới; mọi phiên của người ấy kết thúc.
    .login = { shared-login }
    .forget-second-factor = Bỏ cả yếu tố thứ hai: thiết bị cho xem mã đã mất.
homphieu-user-password = Đổi mật khẩu của chính mình, gõ ngay tại đây.
    .login = Tên đăng nhập của mình.
homphieu-user-second-factor = Lập yếu tố thứ hai: cho xem khóa bí mật một lần, hỏi mã đầu tiên; từ đó đăng nhập cần cả hai.
    .login = Tên đăng nhập của mình.
    .off = Tắt đi, thay vì bật.
    .no-qr = Chỉ chữ, không có mã QR.
homphieu-user-token = Tạo mã truy cập cho một chương trình làm thay một người; sẽ hỏi mật khẩu của người ấy.
    .login = { shared-login }
    .label = Tên của chương trình.
    .days = Có hiệu lực bao nhiêu ngày.
homphieu-user-list = Liệt kê mọi người.
homphieu-user-sessions = Liệt kê các phiên và mã truy cập của một người.
    .login = { shared-login }
homphieu-user-end-session = Kết thúc một phiên hoặc mã truy cập của một người.
    .login = { shared-login }
    .session = Phiên, đúng như `user sessions` cho xem.

homphieu-audit = Ai đã làm gì, và sổ ghi việc ấy có nguyên vẹn không.
homphieu-audit-verify = Đọc hết sổ, kiểm tra từng dòng và dòng cuối có chữ ký.
    .head = Dòng cuối có chữ ký đã ghi lại trước đây (`audit head`): sổ phải nối tiếp từ đó.
homphieu-audit-head = Ghi dòng cuối có chữ ký ra tệp, để cất ở nơi khác.
    .out = Tệp sẽ ghi.
homphieu-audit-list = In các dòng mới nhất, mới nhất trước.
    .actor = Chỉ của tên đăng nhập này; `operator` là dòng lệnh, `centre` là trung tâm tự làm.
    .action = Chỉ việc này.
    .object = Chỉ về đối tượng này.
    .text = Chỉ những dòng có đoạn chữ này trong đối tượng hoặc chi tiết.
    .limit = Bao nhiêu dòng.

homphieu-keys = Người giữ khóa: tạo và kiểm tra mảnh khóa. Không cần mạng, không cần cơ sở dữ liệu.
homphieu-keys-make = Tạo khóa mật của một đợt, cho mỗi người giữ khóa xem mảnh của mình một lần, đọc lại từ giấy, rồi mở thử.
    .round = Mã của đợt, do `round import` in ra.
    .threshold = Số mảnh phải cùng có mặt thì mới mở được.
    .trustees = Số người giữ khóa.
    .out = Tệp khóa sẽ ghi, chỉ có phần công khai; chưa được có tệp ấy.
    .no-qr = Cho xem mảnh khóa chỉ bằng chữ, không có QR.
homphieu-keys-check = Đọc mảnh khóa từ giấy và xem chúng có mở được những gì niêm phong cho tệp khóa này không.
    .keys = Tệp khóa của đợt.

homphieu-count = Người giữ khóa: mở phiếu trong gói số liệu, kiểm phiếu và ký kết quả. Không cần mạng, không cần cơ sở dữ liệu.
    .bundle = { shared-bundle }
    .out = Tệp kết quả sẽ ghi; chưa được có tệp ấy.

homphieu-export = Ghi mọi thứ của một đợt vào một tệp, để kiểm phiếu và kiểm tra lại.
    .round = { shared-round }
    .out = { shared-new-file }

homphieu-verify = Kiểm tra gói số liệu; có mảnh khóa thì kiểm phiếu lại. Không cần mạng, không cần cơ sở dữ liệu.
    .bundle = { shared-bundle }
    .shares = Mở và kiểm phiếu lại bằng các mảnh khóa; sẽ hỏi từng mảnh.

homphieu-config = Cho xem thiết lập đang dùng và từ đâu mà có; lập tệp thiết lập.
homphieu-config-check = Cho xem mọi thiết lập với giá trị và nguồn của nó, và mọi chỗ sai.
homphieu-config-example = In một tệp có mọi thiết lập, đều đặt sau dấu #, để bắt đầu từ đó.

homphieu-doctor = Khám máy: máy này có chạy được trung tâm không, chỗ nào chưa được thì phải làm gì.
    .json = In kết quả dạng JSON.

homphieu-completions = In phần tự điền lệnh cho một shell.
    .shell = Shell: đặt những gì in ra vào nơi shell ấy tìm.

homphieu-man = Ghi các trang hướng dẫn (man).
    .out = Thư mục nhận các trang, mỗi lệnh một trang.

homphieu-exit-codes = Giải thích các con số khi chương trình kết thúc.

homphieu-tls = Chứng thư cho mạng mà không cơ quan chứng thực công cộng nào biết.
homphieu-tls-init = Tạo cơ quan chứng thực riêng của trung tâm, chứng thư cho các địa chỉ của nó và trang hướng dẫn cài đặt. `serve` tự dùng chúng.
    .address = Địa chỉ hoặc tên mà thiết bị và trình duyệt dùng để tới trung tâm, chẳng hạn 192.168.1.10 hoặc ten.lan.
    .out = Ghi vào thư mục này thay cho thư mục của trung tâm.
homphieu-tls-renew = Tạo chứng thư mới bằng cơ quan cũ; thiết bị và trình duyệt không phải làm gì. Trung tâm đang chạy tự nhận, và tự xin chứng thư mới trước khi cái cũ hết hạn.
    .address = Địa chỉ khác với hiện nay.
    .out = Thư mục của cơ quan chứng thực, nếu không phải của trung tâm.
homphieu-tls-pin = Cho biết khóa ghim của từng chứng thư trong một tệp, để làm mã đăng ký khi chứng thư do nơi khác cấp.
    .file = Các chứng thư dạng PEM.
homphieu-tls-show = Cho xem địa chỉ, dấu vân tay và khóa ghim.
    .out = Thư mục của cơ quan chứng thực, nếu không phải của trung tâm.

homphieu-backup = Ghi toàn bộ trung tâm vào một tệp mã hóa đã kiểm tra, trong khi trung tâm vẫn chạy.
    .to = Thư mục, khi đó bản sao tự có tên, hoặc một tệp chưa có. Hãy chọn đĩa khác.
    .recipient = Mã hóa cho người giữ khóa này (age1…, xem `backup keygen`); mỗi khóa ghi một lần.
    .passphrase = Mã hóa bằng cụm mật khẩu sẽ được hỏi. Cụm càng dài càng an toàn.
    .unencrypted = Không mã hóa: ai đọc được tệp đều có khóa của trung tâm và mọi thứ trong đó, và ký được như trung tâm.
    .keep = Sau khi bản này đã được kiểm tra, xóa bản cũ trong thư mục và giữ lại chừng này bản.
homphieu-backup-keygen = Tạo tệp khóa mở các bản sao lưu và in ra người nhận (age1…) dùng cho --recipient. Hãy cất tệp xa trung tâm: trên USB trong két, hai bản; không có nó thì không bản sao lưu nào mở được.
    .out = Tệp khóa; phải chưa có.
homphieu-backup-check = Mở một bản sao lưu và đọc đến hết như khi phục hồi, không thay đổi gì.
    .file = Bản sao lưu.
    .identity = Tệp khóa của `backup keygen`.
    .passphrase = Hỏi cụm mật khẩu.
homphieu-backup-list = Liệt kê các bản sao lưu mà trung tâm này đã làm.
homphieu-restore = Dựng lại trung tâm từ một bản sao lưu, hoặc thử trên một bản chép để biết chắc làm được (--rehearse).
    .file = Bản sao lưu.
    .identity = Tệp khóa của `backup keygen`.
    .passphrase = Hỏi cụm mật khẩu.
    .rehearse = Phục hồi vào một thư mục rồi xóa đi, chứng minh mọi thứ còn nguyên, không thay đổi gì.
    .scratch = Nơi đặt bản chép khi thử; trong lúc ấy nó chứa khóa của trung tâm [mặc định: thư mục tạm của hệ thống].
