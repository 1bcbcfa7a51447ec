import '../../css/registers.css';
import '../console';
import { startList } from './list';

startList();
